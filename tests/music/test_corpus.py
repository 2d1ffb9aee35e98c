"""The corpus: right pieces, right lengths, no twins across splits, a cache that cannot lie."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from musiclab.errors import ScoreError, SettingError
from musiclab.music.chorale import COMFORTABLE, REST, Chorale
from musiclab.music.corpus import cache, corpus
from musiclab.music.corpus.alignment import align, hold_last, play_both_halves_twice, stretch
from musiclab.music.corpus.parallel import parse_all, parse_file
from musiclab.music.corpus.table import NEAR_DUPLICATES, benchmark_table, extras_table, rows_of

SPLITS = ("train", "valid", "test")


def small(pitches, beats=None, **words):
    if beats is not None:
        words["beats"] = np.array(beats)
    return Chorale(pitches=np.repeat(np.array(pitches)[:, None], 4, axis=1), **words)


@pytest.mark.parametrize("split", SPLITS)
def test_pieces_have_their_canonical_lengths_in_canonical_order(split):
    pieces = corpus(split, progress=False)
    rows = rows_of(split)
    assert [len(piece) for piece in pieces] == [row.canonical_frames for row in rows]
    assert [piece.source for piece in pieces] == [row.corpus_path for row in rows]


def test_the_whole_corpus_holds_every_file_once():
    sources = [piece.source for piece in corpus(progress=False)]
    assert len(sources) == len(set(sources)) == 412
    assert "bach/bwv846.mxl" not in sources


def test_pieces_sing_in_range_and_know_what_they_are():
    for piece in corpus(progress=False):
        assert piece.title.find("BWV ") >= 0
        assert piece.key.endswith(("major", "minor"))
        for voice, (lowest, highest) in enumerate(COMFORTABLE):
            sounding = piece.pitches[:, voice][piece.pitches[:, voice] != REST]
            # The middle of each voice lies in its range: no two voices were swapped.
            assert lowest < np.median(sounding) < highest
    assert sum(piece.fermatas.any() for piece in corpus(progress=False)) > 350


def test_bars_are_full_except_at_the_ends_of_lines():
    full = total = 0
    for piece in corpus(progress=False):
        bars = np.diff(np.flatnonzero(piece.beats == 0))
        full += (bars == piece.frames_per_bar).sum()
        total += len(bars)
    assert full / total > 0.95


def fingerprint(pitches):
    """Say, independent of key and place, what happens at each change of harmony."""
    changed = np.append(True, (np.diff(pitches, axis=0) != 0).any(axis=1))
    chords = pitches[changed]
    spacing = chords[:, :3] - chords[:, 3:]
    steps = np.diff(chords, axis=0)
    return Counter(map(tuple, np.hstack([spacing[1:], steps]).tolist()))


def likeness(one, other):
    return (one & other).total() / min(one.total(), other.total())


def test_no_twin_of_a_valid_or_test_piece_is_in_train():
    train = corpus("train", extras=True, progress=False)
    held_back = [piece for split in ("valid", "test") for piece in corpus(split, progress=False)]
    prints = [[fingerprint(piece.pitches) for piece in pieces] for pieces in (train, held_back)]
    marked = [zip(train, prints[0], strict=True), zip(held_back, prints[1], strict=True)]
    alike = {
        (one.source, other.source): likeness(a, b) for (one, a), (other, b) in product(*marked)
    }
    assert max(alike.values()) < 0.75  # a transposed twin is above 0.9, see the next test
    paths = {(row.split, row.index): row.corpus_path for row in benchmark_table()}
    documented = {(paths[b], paths[a]) for a, b, _ in NEAR_DUPLICATES if b[0] == "train"}
    assert {pair for pair, share in alike.items() if share > 0.51} == documented


def test_the_fingerprint_sees_the_known_leak():
    pieces = {piece.source: fingerprint(piece.pitches) for piece in corpus(progress=False)}
    table = {(row.split, row.index): row.corpus_path for row in benchmark_table()}
    assert likeness(pieces[table["train", 224]], pieces[table["valid", 74]]) > 0.9


def test_extras_are_new_and_in_train_only():
    base, more = corpus("train", progress=False), corpus("train", extras=True, progress=False)
    kinds = {row.corpus_path: row.kind for row in extras_table()}
    added = [piece.source for piece in more[len(base) :]]
    assert added
    assert {kinds[source] for source in added} == {"new harmonisation"}
    with pytest.raises(SettingError, match="train"):
        corpus("valid", extras=True, progress=False)


def test_unknown_split_is_refused():
    with pytest.raises(SettingError, match="got 'dev'"):
        corpus("dev", progress=False)  # type: ignore[arg-type]


def test_a_held_ending_is_no_new_note():
    piece = hold_last(small([60, 62], beats=[2, 3]), 5)
    assert piece.pitches[:, 0].tolist() == [60, 62, 62, 62, 62, 62, 62]
    assert piece.attacks[2:].sum() == 0
    assert piece.beats.tolist() == [2, 3, 4, 5, 6, 7, 8]


def test_both_halves_twice():
    written = small([60, 62, 64])
    expanded = small([60, 62, 60, 62, 64])
    played = play_both_halves_twice(written, expanded)
    assert played.pitches[:, 0].tolist() == [60, 62, 60, 62, 64, 64]
    assert played.attacks[:, 0].all()  # the second half is struck again


def test_a_stretched_section_lasts_twice_as_long():
    piece = stretch(small([60, 62, 64, 65], beats=[0, 1, 2, 3]), first=1)
    assert piece.pitches[:, 0].tolist() == [60, 62, 62, 64, 64, 65, 65]
    assert np.flatnonzero(piece.attacks[:, 0]).tolist() == [0, 1, 3, 5]


@pytest.mark.parametrize("split", SPLITS)
def test_pieces_fill_their_length_with_music(split):
    for piece in corpus(split, progress=False):
        last_attack = np.flatnonzero(piece.attacks.any(axis=1))[-1]
        assert len(piece) - last_attack <= 64, piece.source  # not a held chord instead of a repeat


def test_layout_cuts_and_holds():
    row = replace(benchmark_table()[0], first_frame=2, canonical_frames=3)
    assert align(small([60, 62, 64, 65, 67, 69]), row).pitches[:, 0].tolist() == [64, 65, 67]
    assert align(small([60, 62, 64, 65]), row).pitches[:, 0].tolist() == [64, 65, 65]


def chorales():
    piece = small([60, -1, 62], title="\u00dcber", tempo=71.5, source="a", left_out=("told",))
    struck = np.arange(20).reshape(5, 4) % 3 == 0  # also where the pitch stays
    longer = small([64] * 5, attacks=struck, source="b", key="E- major", time_signature="3/4")
    return {("a", "written"): piece, ("b", "expanded"): longer}


def test_cache_gives_back_what_it_was_given(tmp_path):
    path = tmp_path / "new" / "corpus.npz"
    cache.save(path, chorales())
    read = cache.load(path)
    assert read == chorales()
    assert read["a", "written"].left_out == ("told",)
    assert [one.name for one in path.parent.iterdir()] == ["corpus.npz"]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_torn_cache_is_not_believed(tmp_path, share):
    path = tmp_path / "corpus.npz"
    cache.save(path, chorales())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert cache.load(path) is None


def test_a_flipped_byte_never_gives_other_music(tmp_path):
    path = tmp_path / "corpus.npz"
    cache.save(path, chorales())
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        assert cache.load(path) in (None, chorales())


def test_a_failed_save_leaves_the_old_cache(tmp_path, monkeypatch):
    path = tmp_path / "corpus.npz"
    cache.save(path, chorales())

    def full_disk(file, **_arrays):
        file.write(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="No space"):
        cache.save(path, chorales())
    assert cache.load(path) == chorales()
    assert [one.name for one in tmp_path.iterdir()] == ["corpus.npz"]


def test_the_cache_is_keyed_by_both_versions(monkeypatch):
    name = cache.cache_path().name
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    assert cache.cache_path().name != name
    monkeypatch.setattr(cache, "version", lambda package: "0.0")
    assert cache.cache_path().name.endswith("music21-0.0.npz")


def few_files(monkeypatch, tmp_path, folder):
    """Let the corpus be two small files, kept in ``folder``."""
    module = sys.modules["musiclab.music.corpus.pieces"]
    two = {"bach/bwv253.mxl": "SATB", "bach/bwv277.krn": "file_order"}
    monkeypatch.setattr(module, "_layouts", lambda: two)
    monkeypatch.setenv("MUSICLAB_CACHE", str(folder))
    return two


def test_first_use_parses_and_the_second_reads(tmp_path, monkeypatch):
    two = few_files(monkeypatch, tmp_path, tmp_path / "cache")
    parsed = corpus(progress=False)
    module = sys.modules["musiclab.music.corpus.pieces"]
    monkeypatch.setattr(module, "_parse", None)  # not called again
    assert [one.source for one in corpus(progress=False)] == list(two)
    assert corpus(progress=False) == parsed


def test_without_a_writable_folder_it_works_and_says_so_once(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    few_files(monkeypatch, tmp_path, blocked)
    with pytest.warns(UserWarning, match="MUSICLAB_CACHE") as told:
        assert len(corpus(progress=False)) == 2
    assert len(told) == 1


def test_parsing_needs_no_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from musiclab.music.corpus.parallel import parse_all\n"
        "answers = parse_all([{'path': 'bach/bwv253.mxl', 'voices': 'SATB'}], 1)\n"
        "print([one['path'] for one in answers])\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(root)},
        cwd=tmp_path,
    )
    assert done.stdout == "['bach/bwv253.mxl']\n", done.stderr


def test_a_cache_hit_imports_no_music21():
    corpus(progress=False)  # fills the cache
    code = (
        "import sys; from musiclab.music.corpus import corpus; corpus('test'); "
        "print('music21' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stdout == "False\n", done.stderr


def test_a_file_that_cannot_be_laid_out_is_an_answer_not_a_crash():
    answer = parse_file("bach/bwv846.mxl", "SATB")
    assert "found 2 parts" in answer["error"]
    assert "error" in parse_file("bach/none.mxl", "SATB")


def test_a_dead_worker_is_told(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(ScoreError, match="process"):
        list(parse_all([{"path": "bach/bwv253.mxl", "voices": "SATB"}], 2))
