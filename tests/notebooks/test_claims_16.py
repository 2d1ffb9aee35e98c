"""What notebook 16 says holds, by what its cells printed; and a text T5 loads from a folder."""

import re
import sys

import nbformat
import pytest

NAME = "16_harmonise"


def numbers(text):
    return [float(one.replace(",", "")) for one in re.findall(r"[-+]?\d[\d,]*\.?\d*", text)]


@pytest.fixture
def source(notebook_folder):
    """Give the source of the one code cell that holds some words."""

    def find(words):
        cells = nbformat.read(notebook_folder / f"{NAME}.ipynb", as_version=4).cells
        (found,) = [c.source for c in cells if c.cell_type == "code" and words in c.source]
        return found

    return find


@pytest.fixture
def kinds(printed):
    """The table of models: parameters, nats on valid, their spread, nats with another soprano."""
    text = printed(NAME, "with another soprano")
    rows = re.findall(r"^(.+?) +([\d,]+) parameters: (.*)$", text, re.MULTILINE)
    return {name: [*numbers(count), *numbers(rest)] for name, count, rest in rows}


@pytest.fixture
def faults(printed):
    """For each writer: share of Bach's notes, then counts and bounds of two kinds of faults."""
    text = printed(NAME, "poisson_interval(count)")
    rows = re.findall(r"^(.+?) +(\d+)% as Bach(.*)$", text, re.MULTILINE)
    read = {name: [int(same), *map(int, re.findall(r"\d+", rest))] for name, same, rest in rows}
    keys = ("same", "parallels", "least", "most", "crossings", "fewest", "many")
    return {name: dict(zip(keys, row, strict=True)) for name, row in read.items()}


def test_16_half_of_the_attention_goes_to_what_is_still_to_come(printed):
    (ahead,) = numbers(printed(NAME, '"Cross-attention"'))
    assert 40 < ahead < 60


def test_16_another_melody_costs_more(printed):
    own, other = numbers(printed(NAME, "melody.roll(1, 0)"))
    assert other > 1.2 * own


def test_16_a_planted_error_is_forgotten_within_a_quarter(printed):
    text = printed(NAME, "range(5, 12)")
    more = {int(q): float(cost) for q, cost in re.findall(r"quarter +(\d+): ([-+.\d]+)", text)}
    assert more[6] == 0 and more.pop(7) > 1
    assert all(abs(cost) < 0.1 for cost in more.values())


def test_16_a_moment_of_training_beats_counting_each_note_alone(printed):
    first, *_, last = numbers(printed(NAME, "optimiser.step()"))[1::2]
    alone, after = numbers(printed(NAME, "counted(order)"))
    assert first > 5 and last < alone and after < alone


def test_16_the_rivals_have_one_size(kinds):
    sizes = [row[0] for row in kinds.values()]
    assert max(sizes) < 1.01 * min(sizes)


def test_16_without_transformers_one_line_says_how_to_add_it(monkeypatch, source):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ImportError, match=r'^[^\n]*pip install "musiclab\[hf\]"$'):
        exec(source("import ("), {})


def test_16_a_text_t5_loads_from_a_folder(tmp_path, source):
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models

    words = {"<pad>": 0, "</s>": 1, "<unk>": 2, "C": 3}
    core = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=core, **special).save_pretrained(tmp_path)
    sizes = {"vocab_size": 4, "d_model": 6, "d_kv": 3, "num_heads": 2, "d_ff": 5, "num_layers": 1}
    config = transformers.T5Config(**sizes, decoder_start_token_id=0)
    transformers.T5ForConditionalGeneration(config).save_pretrained(tmp_path)
    names = {one: getattr(transformers, one) for one in ("AutoTokenizer", "AutoModelForSeq2SeqLM")}
    exec(source("def text_t5").split("\n\n\n")[0], names)
    tokenizer, model = names["text_t5"](tmp_path)
    assert tokenizer("C").input_ids == [3]
    assert type(model).__name__ == "T5ForConditionalGeneration" and model.config.d_kv == 3
