"""Checkpoints: what was saved comes back; what was not made by us, whole, is refused."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save, save_file
from soak import SOAK
from torch.testing import assert_close

from musiclab.checkpoint import load as load_module
from musiclab.checkpoint.load import load_checkpoint
from musiclab.checkpoint.save import save_checkpoint
from musiclab.checkpoint.strict_json import read_json, write_json
from musiclab.checkpoint.tensor_file import fingerprint, open_tensors, save_tensors
from musiclab.errors import CheckpointError, MusicLabError
from musiclab.model.config import TransformerConfig
from musiclab.model.transformer import Transformer

KILLS, FLIPS = 3 * SOAK, 1000 * SOAK


def save_small(small, folder, **options) -> Path:
    model = options.pop("model", None) or small.model(d_model=4)
    return save_checkpoint(
        folder, model, tokenizer=small.tokenizer, conditions=small.conditions, **options
    )


def flat_model(small) -> Transformer:
    sizes = {"d_model": 6, "n_heads": 1, "n_layers": 1, "d_ff": 5}
    return Transformer(TransformerConfig(vocab_size=small.tokenizer.vocab_size, **sizes))


def rewrite(path: Path, *, tensors=None, info=None) -> None:
    """Forge a file that is sound in itself: the checksum fits."""
    file = open_tensors(path)
    save_tensors(path, file.read() | (tensors or {}), file.info | (info or {}))


def test_what_was_saved_comes_back(small, tmp_path):
    model = small.model()
    path = save_small(
        small, tmp_path / "new" / "folder", model=model, step=7, figures={"valid": 0.5}
    )
    for name in (path, path.parent, str(path.parent)):
        loaded = load_checkpoint(name)
        assert_close(loaded.model.state_dict(), model.state_dict(), rtol=0, atol=0)
        assert not loaded.model.training
        assert loaded.model.config == model.config
        assert loaded.tokenizer == small.tokenizer
        assert loaded.conditions == small.conditions
        assert loaded.info["step"] == 7 and loaded.info["figures"] == {"valid": 0.5}
    batch = small.batches().batch(0)
    assert_close(loaded.model(*batch.inputs), model.eval()(*batch.inputs), rtol=0, atol=0)


def test_loading_draws_no_random_numbers(small, tmp_path):
    save_small(small, tmp_path)
    state = torch.random.get_rng_state()
    load_checkpoint(tmp_path)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_flat_model_comes_back(small, tmp_path):
    model = flat_model(small)
    save_checkpoint(tmp_path, model, tokenizer=small.tokenizer)
    assert_close(load_checkpoint(tmp_path).model.state_dict(), model.state_dict(), rtol=0, atol=0)


def test_the_fingerprint_changes_with_any_weight_and_nothing_else(small, tmp_path):
    model = small.model()
    first = load_checkpoint(save_small(small, tmp_path, model=model)).fingerprint
    again = load_checkpoint(save_small(small, tmp_path, model=model, step=9)).fingerprint
    assert first == again and len(first) == 12
    bits = model.embed.weight.data.view(torch.int32)
    bits[3, 2] ^= 1  # the smallest change there is
    assert load_checkpoint(save_small(small, tmp_path, model=model)).fingerprint != first


def test_shipped_names_are_found_and_listed(small, tmp_path, monkeypatch):
    monkeypatch.setattr(load_module, "SHIPPED", tmp_path)
    save_small(small, tmp_path / "bach-test")
    assert load_checkpoint("bach-test").tokenizer == small.tokenizer
    with pytest.raises(CheckpointError, match=r"no checkpoint 'bach-tset'.*bach-test"):
        load_checkpoint("bach-tset")


def test_a_thousand_flipped_bits_change_nothing_unnoticed(small, tmp_path):
    path = save_checkpoint(tmp_path, flat_model(small), tokenizer=small.tokenizer)
    whole, before = path.read_bytes(), load_checkpoint(path)
    generator = torch.Generator().manual_seed(1)
    header = 8 + int.from_bytes(whole[:8], "little")
    refused = 0
    for number in range(FLIPS):
        # Half of them in the header, which would else be hit but rarely.
        end = header if number % 2 else len(whole)
        place = int(torch.randint(end, (), generator=generator))
        bit = 1 << int(torch.randint(8, (), generator=generator))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        try:
            loaded = load_checkpoint(path)
        except CheckpointError:
            refused += 1
        else:  # such as a changed space after the header
            assert loaded.fingerprint == before.fingerprint and loaded.info == before.info
    assert refused > 0.95 * FLIPS


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(small, tmp_path, share):
    path = save_small(small, tmp_path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(path)


def test_foreign_files_are_refused(small, tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(CheckpointError, match="not made by musiclab"):
        load_checkpoint(path)
    for zipped in (True, False):
        torch.save({"weight": torch.zeros(3)}, path, _use_new_zipfile_serialization=zipped)
        with pytest.raises(CheckpointError, match="is a pickle, as torch.save writes"):
            load_checkpoint(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(CheckpointError, match="not a regular file"):
        load_checkpoint(path)
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load_checkpoint(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("info", "word"),
    [
        ({"format": 2}, "format 2"),
        ({"format": True}, "format True"),
        ({"kind": "pickle"}, "kind"),
        ({"kind": ["frames"]}, "kind"),
        ({"step": True}, "step"),
        ({"step": "7"}, "step"),
        ({"extra": 1}, "extra"),
        ({"config": {"vocab_size": 35, "n_layers": 10**6}}, "n_layers"),
        ({"config": {"vocab_size": 35, "unheard": 1}}, "unheard"),
        ({"tokenizer": {"kind": "grid"}}, "grid settings"),
        ({"tokenizer": {"kind": {}}}, "tokeniser"),
        ({"tokenizer_fingerprint": "0" * 16}, "vocabulary"),
        ({"conditions": ["phase", "phase"]}, "once"),
        ({"conditions": ["phase"]}, "sizes"),
        ({"conditions": [[]]}, "names"),
    ],
)
def test_a_description_that_lies_is_refused(small, tmp_path, info, word):
    path = save_small(small, tmp_path)
    rewrite(path, info=info)
    with pytest.raises(CheckpointError, match=word):
        load_checkpoint(path)


def test_weights_that_do_not_fit_are_refused(small, tmp_path):
    weights = small.model(d_model=4).state_dict()
    nan, wrong_type = weights["head.norm.weight"].clone(), weights["head.norm.weight"].half()
    nan[2] = float("nan")
    forged = {
        "NaN or infinity": {"head.norm.weight": nan},
        "F16": {"head.norm.weight": wrong_type},
        "should be F32": {"head.norm.weight": torch.zeros(5)},
        "should be absent": {"more": torch.zeros(5)},
        "not that of its tokeniser": {"tables.relation": weights["tables.relation"] + 10**6},
    }
    for word, tensors in forged.items():
        rewrite(save_small(small, tmp_path), tensors=tensors)
        with pytest.raises(CheckpointError, match=word):
            load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("value", "half", "remedy"),
    [
        (float("nan"), False, "train it again with a smaller peak"),
        (float("-inf"), True, "train it again with a smaller peak"),
        (70_000.0, True, "16 bits cannot hold it, so leave out half=True"),
    ],
)
def test_weights_that_could_not_be_loaded_are_not_written(small, tmp_path, value, half, remedy):
    path = save_small(small, tmp_path)
    before, model = path.read_bytes(), small.model(d_model=4)
    model.head.norm.weight.data[2] = value
    with pytest.raises(CheckpointError, match=rf"untouched, since 'head.norm.weight'.*{remedy}"):
        save_small(small, tmp_path, model=model, half=half)
    assert path.read_bytes() == before


def test_a_missing_weight_is_refused(small, tmp_path):
    path = save_small(small, tmp_path)
    file = open_tensors(path)
    tensors = file.read()
    del tensors["head.norm.bias"]
    save_tensors(path, tensors, file.info)
    with pytest.raises(CheckpointError, match="head.norm.bias"):
        load_checkpoint(path)


def test_nothing_is_read_before_the_shapes_are_checked(small, tmp_path, monkeypatch):
    path = save_small(small, tmp_path)
    config = small.model(d_model=4).config.to_dict() | {"d_model": 1000}
    rewrite(path, info={"config": config})
    monkeypatch.setattr("musiclab.checkpoint.tensor_file.TensorFile.read", None)
    with pytest.raises(CheckpointError, match="does not fit its own config"):
        load_checkpoint(path)


def test_a_model_of_no_known_kind_is_refused(small, tmp_path):
    with pytest.raises(CheckpointError, match="cannot hold a Linear"):
        save_small(small, tmp_path, model=torch.nn.Linear(2, 3))


@pytest.mark.parametrize(
    "text",
    ['{"a": NaN}', '{"a": -Infinity}', '{"a": 1, "a": 1}', "[1]", "{", "[" * 10**5, "{'a': 1}"],
)
def test_doubtful_json_is_refused(text):
    with pytest.raises(ValueError):
        read_json(text)


def test_json_never_writes_nan(tmp_path):
    assert read_json(write_json({"a": [1, 0.1, None, "x"]})) == {"a": [1, 0.1, None, "x"]}
    with pytest.raises(CheckpointError, match="not written"):
        save_tensors(tmp_path / "a", {"t": torch.zeros(1)}, {"a": float("nan")})
    assert not (tmp_path / "a").exists()


def test_tensors_are_told_apart_by_name_type_and_shape():
    one = torch.zeros(6)
    others = [{"b": one}, {"a": one.view(2, 3)}, {"a": one.to(torch.int32)}, {"a": one + 1}]
    assert len({fingerprint(t) for t in [{"a": one}, *others]}) == 5


def full(*arguments, **options):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "place",
    ["pathlib.Path.write_bytes", "pathlib.Path.replace", "os.fsync", "tempfile.mkstemp"],
)
def test_a_full_disk_leaves_the_old_checkpoint(small, tmp_path, monkeypatch, place):
    path = save_small(small, tmp_path, step=1)
    before = path.read_bytes()
    monkeypatch.setattr(place, full)
    with pytest.raises(CheckpointError, match=rf"{path}: No space left.*untouched"):
        save_small(small, tmp_path, step=2)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]  # nothing half-written


def test_a_disk_that_fills_amid_a_write_leaves_the_old_checkpoint(small, tmp_path, monkeypatch):
    path = save_small(small, tmp_path, step=1)
    whole = Path.write_bytes

    def half(self: Path, data: bytes) -> None:
        whole(self, data[: len(data) // 2])
        full()

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(CheckpointError, match="No space left"):
        save_small(small, tmp_path, step=2)
    monkeypatch.undo()
    assert load_checkpoint(path).info["step"] == 1


def test_a_folder_that_cannot_be_made_is_named(small, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CheckpointError, match="file"):
        save_small(small, tmp_path / "file" / "folder")


SAVING = """
import sys, torch
from musiclab.checkpoint.tensor_file import save_tensors
from pathlib import Path
print("ready", flush=True)
number = 0
while True:
    save_tensors(Path(sys.argv[1]), {"t": torch.full((300_000,), float(number))}, {"n": number})
    number += 1
"""


def test_a_killed_save_leaves_a_readable_file(tmp_path):
    path = tmp_path / "model.safetensors"
    delays = torch.rand(KILLS, generator=torch.Generator().manual_seed(2)) * 0.05
    for delay in delays.tolist():
        command = [sys.executable, "-c", SAVING, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as saving:
            saving.stdout.readline()
            while not path.exists():
                time.sleep(0.01)
            time.sleep(delay)
            saving.send_signal(signal.SIGKILL)
        file = open_tensors(path)
        assert (file.read()["t"] == file.info["n"]).all()  # never words of one, weights of another


def test_errors_are_of_the_family(tmp_path):
    with pytest.raises(MusicLabError):
        load_checkpoint(tmp_path)


def test_a_checksum_that_fits_other_words_is_refused(small, tmp_path):
    path = save_small(small, tmp_path, step=1)
    tensors = load(path.read_bytes())
    file = open_tensors(path)
    metadata = {"musiclab": json.dumps(file.info | {"step": 2}), "checksum": file.checksum}
    path.write_bytes(save(tensors, metadata))
    with pytest.raises(CheckpointError, match="checksum"):
        load_checkpoint(path)
