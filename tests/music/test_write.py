"""Files must be whole, the same for the same music, and read back as what was written."""

import os
import stat
import time
import warnings

import numpy as np
import pytest

from musiclab import files
from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, Chorale
from musiclab.music.export import write
from musiclab.music.notes import Note, NoteSequence
from musiclab.music.read import read_chorale, read_notes


@pytest.fixture(scope="module")
def chorale():
    """Two lines with a pickup, fermatas, a rest, a repeated and a tied-over note."""
    pitches = np.full((4 + 32, 4), REST)
    pitches[:, 0] = np.repeat([67, 72, 72, 74, 76, 74, 72, 71, 72], 4)
    pitches[:, 1] = np.repeat([64, 67, 67, 67, 67, 65, 64, 62, 64], 4)
    pitches[:, 2] = np.repeat([60, 60, 64, 62, 60, 59, 60, REST, 55], 4)
    pitches[:, 3] = np.repeat([48, 52, 48, 43, 36, 43, 45, 43, 48], 4)
    attacks = np.zeros(pitches.shape, dtype=bool)
    attacks[8, 0] = True
    fermatas = np.zeros(len(pitches), dtype=bool)
    fermatas[16:20] = fermatas[32:] = True
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        fermatas=fermatas,
        beats=(np.arange(36) - 4) % 16,
        key="C major",
        title="Ein <Test> & mehr",
        tempo=72.0,
    )


@pytest.mark.parametrize("name", ["a.mid", "a.midi", "a.musicxml", "a.xml", "A.MID"])
def test_written_music_reads_back(chorale, tmp_path, name):
    path = write(chorale, tmp_path / name)
    assert path == tmp_path / name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = read_chorale(path)
    np.testing.assert_array_equal(again.pitches, chorale.pitches)
    np.testing.assert_array_equal(again.attacks, chorale.attacks)
    np.testing.assert_array_equal(again.beats, chorale.beats)
    assert (again.time_signature, again.tempo) == ("4/4", 72.0)
    if "xml" in name:
        np.testing.assert_array_equal(again.fermatas, chorale.fermatas)
        assert again.title == chorale.title


@pytest.mark.parametrize("name", ["a.mid", "a.musicxml"])
def test_same_music_same_bytes(chorale, tmp_path, name):
    first = write(chorale, tmp_path / name).read_bytes()
    write(chorale.transpose(2), tmp_path / "another.musicxml")  # whatever was written between
    assert write(chorale, tmp_path / name).read_bytes() == first
    assert write(chorale.transpose(2), tmp_path / name).read_bytes() != first
    assert time.strftime("%Y-").encode() not in first


def test_notes_read_back(tmp_path):
    notes = tuple(
        Note(onset=i / 3, duration=1 / 3, pitch=60 + i, part=i % 2, program=40 * (i % 2))
        for i in range(7)
    )
    sequence = NoteSequence(notes=notes, part_names=("left", "right"), tempo=77.0)
    again = read_notes(write(sequence, tmp_path / "a.mid"))
    assert [(n.pitch, n.part, n.program) for n in again.notes] == [
        (n.pitch, n.part, n.program) for n in notes
    ]
    assert [n.onset for n in again.notes] == pytest.approx([n.onset for n in notes])
    assert again.part_names == ("left", "right")


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a.pdf", "a", ".mid"])
def test_unknown_suffixes_are_refused_with_the_known_ones(chorale, tmp_path, name):
    with pytest.raises(ScoreError, match=r"\.mid, \.midi, \.musicxml, \.xml"):
        write(chorale, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing/a.mid", "folder.mid", "nul\0.mid", "x" * 300 + ".mid"])
def test_unwritable_places_are_named(chorale, tmp_path, name):
    (tmp_path / "folder.mid").mkdir()
    with pytest.raises(ScoreError, match="cannot be written"):
        write(chorale, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.mid"]


def test_a_read_only_folder_is_named(chorale, tmp_path):
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("the superuser may write anywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(ScoreError, match=str(tmp_path)):
        write(chorale, tmp_path / "a.mid")


@pytest.mark.parametrize("step", ["write_bytes", "replace", "_flush"])
def test_a_full_disk_leaves_the_old_file(chorale, tmp_path, monkeypatch, step):
    path = write(chorale, tmp_path / "a.mid")
    old = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files if step == "_flush" else files.Path, step, fail)
    with pytest.raises(ScoreError, match=r"a\.mid.*No space left"):
        write(chorale.transpose(1), path)
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.iterdir()] == ["a.mid"]


def test_devices_are_never_replaced(chorale, tmp_path):
    pipe = tmp_path / "pipe.mid"
    os.mkfifo(pipe)
    with pytest.raises(ScoreError, match="not a regular file"):
        write(chorale, pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_links_permissions_and_leftovers(tmp_path):
    """A link stays a link, a private file private, and a dead process's leftovers go."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to(target)
    stale, fresh = tmp_path / ".musiclab-1.part", tmp_path / ".musiclab-2.part"
    stale.write_bytes(b"")
    fresh.write_bytes(b"")
    os.utime(stale, (0, 0))
    files.write_atomically(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert fresh.exists() and not stale.exists()


def test_an_interrupt_leaves_nothing_behind(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), files.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("beats", [range(1), range(5), range(15), range(12, 16), range(15, 16)])
def test_one_bar_that_is_not_full_keeps_its_place(tmp_path, beats):
    """The first frames of a bar, or the last ones before a barline."""
    chorale = Chorale(pitches=np.full((len(beats), 4), 60), beats=np.array(beats))
    again = read_chorale(write(chorale, tmp_path / "a.musicxml"))
    assert again.beats.tolist() == list(beats)
    if beats[0] == 0:
        assert read_chorale(write(chorale, tmp_path / "a.mid")).beats.tolist() == list(beats)


@pytest.mark.parametrize("suffix", [".mid", ".musicxml"])
@pytest.mark.parametrize("key", ["", "E- minor"])
def test_what_is_not_known_is_not_invented(tmp_path, suffix, key):
    pitches = np.repeat([[72, 67, 64, 48], [74, 67, 62, 47], [72, 67, 64, 48]], 4, axis=0)
    chorale = Chorale(pitches=pitches, key=key)
    again = read_chorale(write(chorale, tmp_path / f"a{suffix}"))
    assert (again.key, again.title) == (key, "")


def test_titles_that_no_page_can_print(tmp_path):
    """Control characters and half a character of UTF-16 are left out."""
    chorale = Chorale(pitches=np.full((16, 4), 60), title="A\x00 \x1b[1mso\ud800ng\n")
    assert read_chorale(write(chorale, tmp_path / "a.musicxml")).title == "A [1msong"
    assert write(chorale, tmp_path / "a.mid").exists()


@pytest.mark.parametrize(
    ("music", "unit"),
    [
        (Chorale(pitches=np.full((80_001, 4), 60)), "quarter notes"),
        (Chorale(pitches=np.full((64_000, 4), 60), tempo=100), "seconds"),
        (NoteSequence(notes=(Note(onset=20_000, duration=1, pitch=60),), tempo=300), "quarter"),
        (NoteSequence(notes=(Note(onset=0, duration=1, pitch=60),) * 50_001), "notes"),
    ],
)
def test_music_too_long_to_be_read_back_is_not_written(tmp_path, music, unit):
    path = tmp_path / "a.mid"
    with pytest.raises(ScoreError, match=f"the music has .* {unit}.*, more than the limit"):
        write(music, path)
    assert not path.exists()
