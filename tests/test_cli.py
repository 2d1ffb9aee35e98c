"""The command in processes of its own where that matters, else called as a function."""

import re
import signal
import subprocess
import sys
from functools import partial
from inspect import signature

import numpy as np
import pytest
import torch
from small_training import build_pieces

from musiclab import cli
from musiclab.checkpoint.save import save_checkpoint
from musiclab.music.chorale import Chorale
from musiclab.music.export import write
from musiclab.music.read import read_chorale
from musiclab.sampling.replaying import replay
from musiclab.singer.config import SingerConfig
from musiclab.singer.memories import N_INTERVALS
from musiclab.singer.singer import Singer
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.history import History


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """A small untrained checkpoint without holds, in a folder."""
    folder = tmp_path_factory.mktemp("model")
    tokenizer, conditions = GridTokenizer(), Conditions(("phase",))
    sizes = {"d_model": 12, "n_heads": 2, "n_layers": 1, "max_seq": 997}
    config = SingerConfig(
        vocab_size=tokenizer.vocab_size,
        condition_sizes=conditions.sizes,
        n_relations=N_INTERVALS,
        **sizes,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Singer(config, *map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held())))
    save_checkpoint(folder, network, tokenizer=tokenizer, conditions=conditions)
    return str(folder)


@pytest.fixture
def run(capsys):
    """A function that runs a command and returns (exit code, stdout, stderr)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            code = cli.main([str(one) for one in arguments])
        except SystemExit as end:  # argparse leaves so
            code = end.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_compose_twice_gives_identical_files_that_read_back(run, model, tmp_path):
    asked = ("compose", "--checkpoint", model, "--bars", 2, "--seed", 1)
    names = ("mid", "musicxml", "wav")
    first = [tmp_path / f"a.{name}" for name in names]
    again = [tmp_path / f"b.{name}" for name in names]
    code, out, err = run(*asked, *(word for path in first for word in ("--out", path)))
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == [str(path) for path in first]
    run(*asked, *(word for path in again for word in ("--out", path)))
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in again]
    piece = replay(out.splitlines()[0])
    for path in first[:2]:
        assert np.array_equal(read_chorale(path).pitches, piece.pitches)


def test_a_recipe_on_the_command_line_gives_the_same_file(run, model, tmp_path):
    options = "--bars 2 --seed 5 --temperature 1.5 --top-k 9 --candidates 2".split()
    _, out, _ = run("compose", "--checkpoint", model, *options, "--out", tmp_path / "a.mid")
    line = out.splitlines()[0]
    for word in ("seed=5", "bars=2", "temperature=1.5", "top_k=9", "candidates=2"):
        assert word in line
    assert run("compose", "--recipe", line, "--out", tmp_path / "b.mid")[0] == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    code, _, err = run("compose", "--recipe", line, "--seed", 2, "--out", tmp_path / "c.mid")
    assert code == 2 and "a recipe says everything" in err


def test_compose_goes_on_from_a_chorale(run, model, tmp_path):
    asked = ("compose", "--checkpoint", model, "--bars", 3, "--prompt", "bwv66.6")
    code, out, _ = run(*asked, "--out", tmp_path / "a.mid")
    assert code == 0 and "prompt_bars=2" in out
    bach = read_chorale("bwv66.6")
    assert np.array_equal(read_chorale(tmp_path / "a.mid").pitches[:32], bach.pitches[:32])


def test_harmonise_keeps_the_melody_of_a_file(run, model, tmp_path):
    tune = np.repeat([67, 69, 71, 72, 71, 69, 67, 67], 4)
    alone = np.full((32, 4), -1)
    alone[:, 0] = tune
    write(Chorale(pitches=alone), tmp_path / "tune.mid")
    asked = ("harmonise", tmp_path / "tune.mid", "--checkpoint", model, "--particles", 2)
    code, out, _ = run(*asked, "--out", tmp_path / "b.mid")
    assert code == 0 and "particles=2" in out
    sung = read_chorale(tmp_path / "b.mid")
    assert np.array_equal(sung.pitches[:, 0], tune)


TUNE = "X:1\nM:4/4\nL:1/4\nK:G\nG A B c|B A G2|]\n"


def test_files_are_named_after_the_tune_and_never_written_over(run, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "my.tune.abc").write_text(TUNE)
    asked = ("harmonise", "--checkpoint", model, "--particles", 2)
    for stem in ("my.tune-harmonised", "my.tune-harmonised-2"):
        code, out, _ = run(*asked, "folder/my.tune.abc")
        assert code == 0
        assert out.splitlines()[1:] == [f"folder/{stem}.mid", f"folder/{stem}.musicxml"]
    assert run(*asked, "--out", "a.mid", "folder/my.tune.abc")[0] == 0
    _, out, _ = run("compose", "--checkpoint", model, "--bars", 1)
    assert out.splitlines()[1:] == ["chorale.mid", "chorale.musicxml"]


def test_the_tune_itself_is_never_written_over(run, model, tmp_path):
    (tmp_path / "tune.mid").write_bytes(b"MThd")
    words = ("harmonise", tmp_path / "tune.mid", "--out", tmp_path / "." / "tune.mid")
    code, _, err = run(*words)
    assert code == 2 and "is what is read; write to another file" in err


def test_evaluate_prints_the_table(run, model):
    code, out, err = run("evaluate", "--benchmark", "jsb", "--checkpoint", model)
    assert code == 0 and "nats/note" in out and "bigram within each voice" in out


def test_evaluate_passes_on_what_was_given(run, monkeypatch):
    import musiclab.evaluate.benchmark as report

    seen = []
    monkeypatch.setattr(report, "jsb_report", lambda **asked: seen.append(asked))
    run("evaluate", "--benchmark", "jsb")
    run("evaluate", "--benchmark", "jsb", "--floors", "--checkpoint", "a", "--data", "b.json")
    assert seen == [{}, {"floors": True, "checkpoint": "a", "data": "b.json"}]


def test_compose_obeys_rules(run, model, tmp_path):
    asked = ("compose", "--checkpoint", model, "--bars", 1, "--out", tmp_path / "a.mid")
    code, out, _ = run(*asked, "--rules", "ranges,parallels")
    assert code == 0 and "rules=parallels,ranges" in out


def test_train_passes_on_what_was_given(run, monkeypatch):
    import musiclab.training.presets as presets

    seen = []
    monkeypatch.setattr(presets, "train_preset", lambda *a, **k: seen.append((a, k)) or History())
    assert run("train", "bach-grid", "--folder", "runs/x", "--resume", "--minutes", 1.5)[0] == 0
    pace = ("--peak", 1e-4, "--warmup", 200, "--device", "cpu")
    assert run("train", "bach-grid", "--folder", "runs/y", *pace)[0] == 0
    assert seen == [
        (("bach-grid", "runs/x"), {"resume": True, "minutes": 1.5}),
        (("bach-grid", "runs/y"), {"peak": 1e-4, "warmup": 200, "device": "cpu"}),
    ]


def test_train_tells_ctrl_c_from_the_end_of_its_time(run, monkeypatch, tmp_path):
    import musiclab.training.presets as presets

    sizes = {"d_model": 4, "n_heads": 1, "n_layers": 1, "batch_size": 2, "precision": "fp32"}
    small = {"bach-grid": presets.PRESETS["bach-grid"].change(**sizes)}
    monkeypatch.setattr(presets, "PRESETS", small)
    monkeypatch.setattr(presets, "corpus", lambda *_, **__: build_pieces(5))

    def press(trainer) -> None:
        signal.raise_signal(signal.SIGINT)

    words = ("train", "bach-grid", "--folder", tmp_path, "--steps", 3)
    with monkeypatch.context() as patched:
        patched.setattr(presets, "Trainer", partial(presets.Trainer, on_step=press))
        code, out, _ = run(*words)
    assert code == 130 and "Interrupted after step 1 of 3. Saved in" in out
    code, out, _ = run(*words, "--resume", "--minutes", 1e-9)
    assert code == 0 and "Time is over after step 1 of 3. Saved in" in out
    assert run(*words, "--resume")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("compose --bars 0 --out a.mid", "bars must be"),
        ("compose --bars many --out a.mid", "must be a whole number, got 'many'"),
        ("compose --temperature hot", "must be a number, got 'hot'"),
        ("compose --temperature 0 --out a.mid", "temperature must be"),
        ("compose --temperature nan --out a.mid", "temperature must be"),
        ("compose --temperature -1 --out a.mid", "take --top-k 1"),
        ("compose --top-k 0 --out a.mid", "--top-k must be a whole number of at least 1, got 0; 1"),
        ("compose --top-p 1.5 --out a.mid", "--top-p must be"),
        ("compose --bars 900 --out a.mid", "1 to 997 frames (62 bars of 4/4), got 14400; ask for"),
        ("compose --mode minor --out a.mid", "trained without the mode"),
        ("compose --prompt nowhere.mid --out a.mid", "nowhere.mid"),
        ("compose --checkpoint nowhere --out a.mid", "no checkpoint"),
        ("compose --out a.txt", "no known suffix"),
        ("compose --out a.mid --out b.doc", "no known suffix"),
        (
            "compose --out a.mid b.mid",
            "'b.mid' is one word too many; before every file",
        ),
        ("compose --out nowhere/a.mid", "no folder"),
        ("compose --recipe top_k=x --out a.mid", "seed=1\", got 'top_k=x'"),
        ("compose --sed 1", "no option --sed; did you mean --seed?; see musiclab compose --help"),
        ("compose --xyz=1", "there is no option --xyz; see musiclab compose --help"),
        ("compose --mode lydian", "there is no --mode 'lydian'; there are major, minor; see"),
        ("harmonise --out a.mid", "required: TUNE; see musiclab harmonise --help"),
        ("play", "required: FILE; see musiclab play --help"),
        ("play nowhere.mid", "nowhere.mid"),
        ("play bwv66.6 --out a.mid", "choose .mp3, .wav, .flac"),
        ("harmonise nowhere.mid --out a.mid", "nowhere.mid"),
        ("compose --rules fifths", "ranges, got ['fifths']; put commas between them"),
        ("evaluate --benchmark other", "there is no --benchmark 'other'"),
        ("evaluate --benchmark jsb --data nowhere.json", "nowhere.json' does not exist"),
        ("evaluate", "--benchmark"),
        ("compose --checkpoint bach-studio --key H-moll --out a.mid", "key must be one such as"),
        ("train other --folder a", "no training is called"),
        ("train bach-grid --folder a --device gpu", "device must be one that this machine has"),
        ("train bach-grid --folder a --peak 0", "floor 1e-05 must not lie above --peak 0.0"),
        ("train bach-grid --folder a --resume", "holds no training to resume; leave out --resume"),
        ("dance", "there is no command 'dance'; there are compose, harmonise, play, train, "),
        ("harmonies a.mid", "did you mean harmonise?; see musiclab --help"),
        ("--bars", "there is no option --bars; see musiclab --help"),
    ],
)
def test_refusals_are_one_line_with_exit_code_2(run, model, words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = words.split()
    if arguments[:1] == ["compose"] and not {"--checkpoint", "--recipe"} & set(arguments):
        arguments[1:1] = ["--checkpoint", model]
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("musiclab") and message in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["compose", "harmonise", "play", "train", "evaluate", "grade"])
def test_nothing_is_named_by_an_empty_word(run, command):
    required = {"harmonise": ["a.mid"], "play": ["a.mid"], "train": ["bach-grid"], "grade": ["a"]}
    option = {"train": "--folder", "evaluate": "--data"}.get(command, "--out")
    code, _, err = run(command, *required.get(command, []), option, "")
    assert code == 2 and f"argument {option}: must name something, got ''" in err


def test_an_interrupt_is_130_and_leaves_nothing(run, model, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("musiclab.sampling.session.generate", interrupted)
    code, out, err = run("compose", "--checkpoint", model, "--out", tmp_path / "a.mid")
    assert (code, out, err) == (130, "", "musiclab: interrupted\n")
    assert not list(tmp_path.iterdir())


def test_a_damaged_checkpoint_is_one_line(run, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    code, _, err = run("compose", "--checkpoint", tmp_path, "--out", tmp_path / "a.mid")
    assert code == 2 and err.count("\n") == 1 and "Traceback" not in err


def test_a_cold_process_writes_the_same_and_loads_only_what_it_needs(run, model, tmp_path):
    asked = ["compose", "--checkpoint", model, "--bars", "1", "--out"]
    run(*asked, tmp_path / "a.mid")
    code = "import sys; from musiclab.cli import main; main(sys.argv[1:]); "
    code += "sys.exit(bool({'music21', 'matplotlib', 'verovio', 'IPython'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code, *asked, tmp_path / "b.mid"], check=True)
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


@pytest.mark.parametrize("words", ["--help", "--version", "compose --help"])
def test_help_loads_nothing_heavy(words):
    code = "import sys\nfrom musiclab.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n"
    code += "    assert not {'torch', 'numpy', 'music21', 'tqdm'} & set(sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code, *words.split()], capture_output=True, text=True
    )
    assert ran.returncode == 0 and not ran.stderr and "musiclab" in ran.stdout


# Help.


def test_the_defaults_in_the_help_are_those_of_the_functions():
    from musiclab.evaluate.benchmark import jsb_report
    from musiclab.sampling.composing import compose
    from musiclab.sampling.harmonising import FEWER_PARTICLES, PARTICLES, harmonise
    from musiclab.training.presets import train_preset

    called = {"compose": compose, "harmonise": harmonise, "train": train_preset}
    called["evaluate"] = jsb_report
    told = "bars seed temperature checkpoint candidates particles device".split()
    for name, function in called.items():
        usual = {key: one.default for key, one in signature(function).parameters.items()}
        usual["particles"] = f"{PARTICLES}; {FEWER_PARTICLES} with a harmoniser"
        page = " ".join(cli.parser_of(cli.COMMANDS)[1][name].format_help().split())
        for option in set(told) & set(usual):
            said = re.search(rf"--{option} [A-Z]+ [^()]*\(([^()]*)\)", page)
            assert said is None or said[1] == str(usual[option]), (name, option)


def test_the_bare_command_shows_its_help(run):
    code, out, err = run()
    assert (code, err) == (0, "") and out.startswith("usage: musiclab") and "harmonise" in out
