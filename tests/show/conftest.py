"""What the tests of sound and notation share: small pieces that have a bit of everything."""

import numpy as np
import pytest

from musiclab.music.chorale import Chorale


@pytest.fixture(scope="session")
def chorale() -> Chorale:
    """23 frames: a pickup, rests, repeated notes, accidentals, a unison, ties over bar lines."""
    lines = (
        [67] * 4 + [68] * 4 + [69] * 2 + [67] * 2 + [-1] * 4 + [70] * 7,
        [62] * 3 + [63] * 1 + [64] * 6 + [67] * 4 + [61] * 5 + [62] * 4,
        [59] * 8 + [60] * 8 + [57] * 7,
        [43] * 4 + [44] * 4 + [-1] * 2 + [45] * 6 + [50] * 7,
    )
    pitches = np.array(lines).T
    attacks = np.zeros_like(pitches, dtype=bool)
    attacks[[2, 12, 19], [2, 2, 3]] = True  # notes struck again on one pitch
    fermatas = np.zeros(23, dtype=bool)
    fermatas[16:] = True
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        fermatas=fermatas,
        beats=(np.arange(23) + 12) % 16,
        key="G major",
        title="Seven <b>bars</b> & more",
        tempo=97.0,
    )


@pytest.fixture
def one_note():
    """A function of a pitch: PrettyMIDI with one organ note, 2 s long."""
    from pretty_midi import Instrument, Note, PrettyMIDI

    def make(*pitches: int, program: int = 19, seconds: float = 2.0, start: float = 0.0):
        midi = PrettyMIDI(resolution=480, initial_tempo=100)
        for pitch in pitches:
            track = Instrument(program, name=f"voice {pitch}")
            track.notes.append(Note(80, pitch, start, start + seconds))
            midi.instruments.append(track)
        return midi

    return make


@pytest.fixture
def loudest_pitch():
    """A function that measures the frequency of the strongest partial in a band, in hertz."""

    def measure(wave: np.ndarray, rate: int, lowest: float, highest: float) -> float:
        size = 2**20  # far more than the wave, so that the peak falls between no two bins
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), size))
        hertz = np.fft.rfftfreq(size, 1 / rate)
        band = (lowest < hertz) & (hertz < highest)
        return float(hertz[band][spectrum[band].argmax()])

    return measure


@pytest.fixture
def strength():
    """A function that measures how strongly one pitch's fundamental sounds."""

    def measure(wave: np.ndarray, rate: int, pitch: int) -> float:
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        seconds = np.arange(len(wave)) / rate
        return float(abs(np.mean(wave * np.exp(-2j * np.pi * hertz * seconds))))

    return measure


@pytest.fixture(scope="session")
def model():
    """A tiny untrained model that the studio and the game can play with."""
    import torch

    from musiclab.checkpoint import Checkpoint
    from musiclab.singer import Singer, SingerConfig
    from musiclab.tokens.conditions import Conditions
    from musiclab.tokens.grid import GridTokenizer

    tokenizer = GridTokenizer(holds=True)
    conditions = Conditions(("beat", "fermata", "key", "remaining"))
    sizes = {"vocab_size": tokenizer.vocab_size, "d_model": 8, "n_heads": 2, "n_layers": 1}
    config = SingerConfig(condition_sizes=conditions.sizes, **sizes)
    with torch.random.fork_rng([]):
        torch.manual_seed(3)
        tables = map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held()))
        network = Singer(config, *tables).eval()
    return Checkpoint(network, tokenizer, conditions, {}, "0" * 12)


@pytest.fixture(scope="session")
def pieces():
    """Nine pieces for riddles, each on a pitch of its own, all with names that would tell."""
    return [
        Chorale(
            pitches=np.full((80, 4), 50 + number),  # a bar longer than a riddle
            title=f"BWV {number}",
            key="C minor",
            source="bach",
            tempo=60.0 + number,
        )
        for number in range(9)
    ]
