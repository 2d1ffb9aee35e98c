"""One request to compose, checked and ready to be written: what all ways of composing share."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, no_type_check

import numpy as np
import torch
from jaxtyping import Int

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.errors import SettingError
from musiclab.music.chorale import VOICES, Chorale
from musiclab.music.keys import find_key, spoken_key
from musiclab.sampling.decoding import WrittenFrame, generate
from musiclab.sampling.encoding import chorale_of, tokens_of
from musiclab.sampling.plan import Plan
from musiclab.sampling.recipe import PLANNED, Recipe, music_hash, runs_of, source_to_read
from musiclab.sampling.settings import Settings, check_seed

TEMPERATURE = 1.0  # the model's own probabilities, neither flattened nor sharpened
TEMPO = 80.0  # quarters a minute


@no_type_check  # the parts check their own values
class Session:
    """A model, a seed, settings and a plan.

    Args:
        checkpoint: A name, a folder or a loaded checkpoint.
        seed: Where the random numbers start.
        temperature: This and the next four as for ``Settings``.
        top_k: See above.
        top_p: See above.
        min_p: See above.
        rules: See above.
        candidates: How many pieces to write at once.
        **plan: What is settled before the first note, as for ``Plan``.

    Raises:
        CheckpointError: If the checkpoint is missing or damaged.
        SettingError: If a value is out of range, or the checkpoint cannot do what is asked.
    """

    def __init__(
        self,
        *,
        checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
        seed: int = 0,
        temperature: float = TEMPERATURE,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        rules: Sequence[str] = (),
        candidates: int = 1,
        **plan: Any,
    ) -> None:
        settings = Settings(
            temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, rules=rules
        )
        check_seed(seed)
        self.plan, self.batch = Plan(**plan), candidates
        self.checkpoint = open_checkpoint(checkpoint)
        if hasattr(self.checkpoint.model, "encode"):
            raise SettingError(
                "this checkpoint writes voices under a melody that is given; use harmonise(melody, "
                'checkpoint=...), or compose with checkpoint="bach-studio"'
            )
        named = isinstance(checkpoint, str | os.PathLike)
        self.recipe = Recipe(
            checkpoint=os.fspath(checkpoint) if named else "",
            fingerprint=self.checkpoint.fingerprint,
            seed=seed,
            settings=settings,
            candidates=candidates,
            **_planned(self.plan),
        )
        self.given = None
        if self.plan.prompt is not None:
            tokens = tokens_of(self.plan.first_bars, self.checkpoint.tokenizer, "the prompt")
            self.given = torch.from_numpy(tokens)
        self.conditions = torch.from_numpy(self.plan.ids(self.checkpoint.conditions, seed=seed))

    def write(self) -> Iterator[WrittenFrame]:
        """Write the piece, or several at once, from the first frame."""
        return generate(
            self.checkpoint.model,
            self.checkpoint.tokenizer,
            frames=self.plan.frames,
            generator=torch.Generator().manual_seed(self.recipe.seed),
            conditions=self.conditions,
            given=self.given,
            batch=self.batch,
            settings=self.recipe.settings,
        )

    def chorale(self, tokens: Int[np.ndarray, "frame voice"], rank: int = 0) -> Chorale:
        """Turn one piece's tokens into a chorale whose source is its recipe."""
        plan, prompt = self.plan, self.plan.prompt
        written = chorale_of(tokens, self.checkpoint.tokenizer)
        attacks = written.attacks.copy()
        if prompt is not None:  # without holds, the tokens do not say where notes start
            attacks[: plan.prompt_frames] = prompt.attacks[: plan.prompt_frames]
        goes_on = prompt is not None and not plan.key and not plan.mode
        key = (prompt.key if goes_on else "") or find_key(written.pitches)  # as it sounds
        given = plan.first_bars or Chorale(pitches=written.pitches[:0])
        returns = ((plan.prompt_frames, plan.metre),) if given.metre_changes else ()
        return Chorale(
            pitches=written.pitches,
            attacks=attacks,
            fermatas=plan.line_ends,
            beats=plan.beats,
            key=key,
            time_signature=plan.metre,
            metre_changes=(*given.metre_changes, *returns),
            title=f"Chorale in {spoken_key(key)}" if key else "Chorale",
            tempo=TEMPO if prompt is None else prompt.tempo,
            tempo_changes=given.tempo_changes,
            source=str(replace(self.recipe, rank=rank)),
        )

    @property
    def new_cells(self) -> int:
        """How many (frame, voice) cells the model writes."""
        return (self.plan.frames - self.plan.prompt_frames) * len(VOICES)


def _planned(plan: Plan) -> dict[str, Any]:
    """Note down what a recipe says of a plan."""
    fermatas = plan.fermatas
    if fermatas is not None and not isinstance(fermatas, int):
        fermatas = runs_of(np.asarray(fermatas))
    planned = {name: getattr(plan, name) for name in PLANNED} | {"fermatas": fermatas}
    if plan.prompt is not None:
        planned["prompt"] = source_to_read(plan.prompt)
        planned["prompt_hash"] = music_hash(plan.first_bars)
        planned["prompt_bars"] = plan.prompt_bars
    return planned
