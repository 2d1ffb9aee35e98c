"""Where the bars of a MIDI file begin, a pickup included."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from musiclab.music.chorale import FRAMES_PER_QUARTER

if TYPE_CHECKING:
    from pretty_midi import PrettyMIDI


def metre_and_beats(
    midi: "PrettyMIDI", n_frames: int, told: list[str]
) -> tuple[str, Int[np.ndarray, " frame"]]:
    """Find the time signature and each frame's place in its bar.

    A first bar of its own, shorter metre is a pickup: notation programs write it so.

    Args:
        midi: pretty_midi's object.
        n_frames: How many places are asked for.
        told: A sentence is added here if a metre cannot be kept.

    Returns:
        The metre after the pickup, such as "4/4", and the frames since the barline.
    """
    changes = _changes(midi, n_frames, told)
    starts = [start for start, _, _ in changes] + [n_frames]
    beats = np.concatenate(
        [np.arange(starts[i + 1] - starts[i]) % bar for i, (_, bar, _) in enumerate(changes)]
    )
    metre = changes[0][2]
    if len(changes) > 1 and starts[1] <= changes[0][1] < changes[1][1]:
        beats[: starts[1]] += changes[1][1] - starts[1]
        metre, changes = changes[1][2], changes[1:]
    if any(text != metre for _, _, text in changes):
        told.append(f"the metre changes: only {metre} was kept as the time signature")
    return metre, beats


def _changes(midi: "PrettyMIDI", n_frames: int, told: list[str]) -> list[tuple[int, int, str]]:
    """List the metres as (first frame, bar length in frames, "4/4"), the first at frame 0."""
    known: dict[int, tuple[int, str]] = {0: (4 * FRAMES_PER_QUARTER, "4/4")}
    for change in midi.time_signature_changes:
        text = f"{change.numerator}/{change.denominator}"
        bar, rest = divmod(change.numerator * 4 * FRAMES_PER_QUARTER, change.denominator)
        start = midi.time_to_tick(change.time) * FRAMES_PER_QUARTER / midi.resolution
        frame = int(start + 0.5)
        if rest:
            told.append(f"the metre {text} does not fill whole 16ths and was left out")
        elif frame == 0 or frame < n_frames:
            known[frame] = (bar, text)
    return [(frame, *known[frame]) for frame in sorted(known)]
