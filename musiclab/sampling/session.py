"""One request to compose, checked and ready to be written: what compose and its stream share."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import no_type_check

import numpy as np
import torch
from jaxtyping import Int

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.errors import SettingError
from musiclab.model.frame_encoder_decoder import FrameEncoderDecoder
from musiclab.music.chorale import VOICES, Chorale, spoken_key
from musiclab.sampling.generate import WrittenFrame, generate
from musiclab.sampling.key_guess import guess_key
from musiclab.sampling.line_ends import read_runs, write_runs
from musiclab.sampling.opening import tokens_of
from musiclab.sampling.plan import Plan
from musiclab.sampling.recipe import Recipe
from musiclab.sampling.settings import Settings, check_seed


@no_type_check  # the parts check their own values, in better words than a checker's
class Session:
    """A plan, a model and a seed.

    Args:
        plan: What is settled before the first note.
        checkpoint: A name, a folder or a loaded checkpoint.
        seed: Where the random numbers start.
        settings: Temperature and filters.
        candidates: How many pieces to write at once.

    Raises:
        CheckpointError: If the checkpoint is missing or damaged.
        SettingError: If a value is out of range, or the checkpoint cannot do what is asked.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        checkpoint: str | os.PathLike[str] | Checkpoint,
        seed: int,
        settings: Settings,
        candidates: int = 1,
    ) -> None:
        check_seed(seed)
        self.plan, self.batch = plan, candidates
        self.checkpoint = open_checkpoint(checkpoint)
        if isinstance(self.checkpoint.model, FrameEncoderDecoder):
            raise SettingError(
                "this checkpoint writes voices under a melody that is given; use harmonise(melody, "
                'checkpoint=...), or compose with checkpoint="bach-studio"'
            )
        named = isinstance(checkpoint, str | os.PathLike)
        self.recipe: Recipe = _recipe_of(
            plan,
            checkpoint=os.fspath(checkpoint) if named else "",
            fingerprint=self.checkpoint.fingerprint,
            seed=seed,
            settings=settings,
            candidates=candidates,
        )
        self.given = None
        if plan.first_bars is not None:
            tokens = tokens_of(plan.first_bars, self.checkpoint.tokenizer, "the prompt")
            self.given = torch.from_numpy(tokens)
        self.conditions = torch.from_numpy(plan.ids(self.checkpoint.conditions, seed=seed))

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
        """Turn one piece's tokens into a chorale that says where it comes from."""
        plan, tokenizer = self.plan, self.checkpoint.tokenizer
        written = tokenizer.decode(tokens.ravel() if tokenizer.layout == "notes" else tokens)
        attacks = written.attacks.copy()
        first_bars = plan.first_bars
        if first_bars is not None:  # without holds, the tokens do not say where notes start
            attacks[: len(first_bars)] = first_bars.attacks
        goes_on = plan.prompt is not None and not plan.key and not plan.mode
        own_key = plan.prompt.key if goes_on else ""
        key = own_key or guess_key(written.pitches)  # not always what was asked for
        return Chorale(
            pitches=written.pitches,
            attacks=attacks,
            fermatas=plan.line_ends,
            beats=plan.beats,
            key=key,
            time_signature=plan.metre,
            title=f"Chorale in {spoken_key(key)}" if key else "Chorale",
            tempo=80.0 if plan.prompt is None else plan.prompt.tempo,
            source=str(replace(self.recipe, rank=rank)),
        )

    def pitches(self, frame: Int[np.ndarray, " voice"]) -> list[int]:
        """Read the pitches of one frame of tokens."""
        tokenizer = self.checkpoint.tokenizer
        ids = frame if tokenizer.layout == "notes" else frame[None]
        return tokenizer.decode(ids).pitches[0].tolist()

    @property
    def new_cells(self) -> int:
        """How many (frame, voice) cells the model writes."""
        return (self.plan.frames - self.plan.prompt_frames) * len(VOICES)


def _recipe_of(
    plan: Plan, *, checkpoint: str, fingerprint: str, seed: int, settings: Settings, candidates: int
) -> Recipe:
    """Note down how a piece is about to be made."""
    source = None
    if plan.prompt is not None:  # music of our own has a recipe as its source, not a file
        source = "" if plan.prompt.source.startswith("musiclab ") else plan.prompt.source
    fermatas = plan.fermatas
    if fermatas is not None and not isinstance(fermatas, int):
        fermatas = read_runs(write_runs(np.asarray(fermatas)))
    return Recipe(
        checkpoint=checkpoint,
        fingerprint=fingerprint,
        seed=seed,
        bars=plan.bars,
        settings=settings,
        prompt=source,
        prompt_hash=plan.prompt_hash,
        prompt_bars=plan.prompt_bars,
        metre=plan.time_signature,
        pickup=plan.pickup,
        key=plan.key,
        mode=plan.mode,
        fermatas=fermatas,
        ending=plan.ending,
        candidates=candidates,
    )
