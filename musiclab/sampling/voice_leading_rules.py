"""Rules of voice leading, as a mask over the next token: what a teacher would forbid.

A model that has learnt which notes are likely still writes parallel fifths. A mask takes them away
while the music is written: each voice may choose only among the notes that break no rule with the
voices above it, which are already there. The chances of the others go to what is left, so the music
is no longer the model's alone; ``musiclab.evaluate.rule_cost`` measures by how much.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from musiclab.music.chorale import COMFORTABLE, REST
from musiclab.sampling.settings import check_rules
from musiclab.tokens.grid import GridTokenizer

FIFTH, UNISON = 7, 0  # semitones, after whole octaves are taken away
WIDEST = 12  # semitones between soprano and alto, and alto and tenor
SPACED = (1, 2)  # alto and tenor keep near the voice above; the bass need not

Frames = Int[Tensor, "batch voice"]
Chosen = Int[Tensor, "batch n_chosen"]
Mask = Bool[Tensor, "batch vocab"]


class VoiceLeadingRules:
    """Forbid what would break a rule with the voices of the frame that stand already.

    - "parallels": two voices that move in one direction, a fifth (or an octave) apart before and
      after. A frame is compared with the frame before it. As chords are runs of equal frames, this
      forbids just the parallels that ``musiclab.evaluate.parallels`` counts from chord to chord.
    - "crossing": a voice above the next higher voice.
    - "spacing": more than an octave between soprano and alto, or alto and tenor.
    - "ranges": notes outside ``COMFORTABLE``.

    A rule that would leave a voice nothing to sing gives way, for that voice in that frame; the
    earlier in this list, the later it gives way. "parallels" never has to: staying on the note is
    no parallel. Rests are always allowed, and a voice that rests, or is given, breaks no rule.

    Args:
        tokenizer: Says which token sounds which pitch.
        rules: Which of the four.
        device: Where the model computes.

    Raises:
        SettingError: If there is no such rule.

    Example:
        >>> tokenizer = GridTokenizer(lowest=62, highest=66)
        >>> rules = VoiceLeadingRules(tokenizer, ["parallels"])
        >>> before, soprano = torch.tensor([[6, 4, 3, 3]]), torch.tensor([[7]])  # 64 to 65
        >>> everything = torch.ones(1, tokenizer.vocab_size, dtype=torch.bool)
        >>> rules.narrow(everything, before, soprano)[0].all()  # 62 under 64 is no fifth
        tensor(True)
    """

    def __init__(
        self,
        tokenizer: GridTokenizer,
        rules: Sequence[str],
        device: torch.device | str = "cpu",
    ) -> None:
        self.rules = check_rules(rules)
        self.pitches = torch.from_numpy(tokenizer.pitches()).to(device)
        self.sounding = self.pitches != REST
        self._keeps = {
            "parallels": self._no_parallels,
            "crossing": self._no_crossing,
            "spacing": self._well_spaced,
            "ranges": self._within_range,
        }

    def narrow(
        self, allowed: Mask, before: Frames, chosen: Chosen
    ) -> tuple[Mask, Bool[Tensor, " batch"]]:
        """Take away what the rules forbid the next voice.

        Args:
            allowed: The tokens to choose from.
            before: The whole frame before this one.
            chosen: The voices of this frame already written, soprano first; may be none.

        Returns:
            The tokens that are left, at least one a row where ``allowed`` has one; and whether a
            rule gave way.
        """
        gave_way = torch.zeros_like(allowed[:, 0])
        for rule in self.rules:
            kept = self._keeps[rule](self.pitches[before], self.pitches[chosen])
            if kept is None:  # nothing to forbid
                continue
            left = allowed & (kept | ~self.sounding)
            silenced = (allowed & self.sounding).any(-1) & ~(left & self.sounding).any(-1)
            allowed = torch.where(silenced[:, None], allowed, left)
            gave_way = gave_way | silenced
        return allowed, gave_way

    def _no_parallels(self, before: Frames, now: Chosen) -> Mask | None:
        upper, own = before[:, : now.shape[1]], before[:, now.shape[1], None]
        apart = (upper - own).abs() % 12
        sings = (upper != REST) & (now != REST) & (own != REST)
        watched = sings & (now != upper) & ((apart == FIFTH) | (apart == UNISON))
        if not watched.any():  # nearly always: most voices stay where they are
            return None
        same_way = (now - upper).sign()[..., None] == (self.pitches - own).sign()[:, None]
        as_far = (now[..., None] - self.pitches).abs() % 12 == apart[..., None]
        return ~(watched[..., None] & same_way & as_far).any(dim=1)

    def _no_crossing(self, before: Frames, now: Chosen) -> Mask | None:
        if not now.shape[1]:
            return None
        above = now[:, -1:]
        return (self.pitches <= above) | (above == REST)

    def _well_spaced(self, before: Frames, now: Chosen) -> Mask | None:
        if now.shape[1] not in SPACED:
            return None
        above = now[:, -1:]
        return (self.pitches >= above - WIDEST) | (above == REST)

    def _within_range(self, before: Frames, now: Chosen) -> Mask:
        lowest, highest = COMFORTABLE[now.shape[1]]
        return ((self.pitches >= lowest) & (self.pitches <= highest)).expand(len(now), -1)
