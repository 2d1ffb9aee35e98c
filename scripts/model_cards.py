"""The figures of the model cards, taken from the checkpoints themselves.

Beside every checkpoint lies its card, ``README.md``. What its weights and its log can say stands
there between two marks, and is written by ``python scripts/model_cards.py``; the words around
it are written by people. ``--check`` fails where a card and its checkpoint disagree, and a test
runs it. ``--musical NAME`` also measures the music anew, which takes minutes; that it belongs to
these very weights is seen by the fingerprint in its first line.
"""

import argparse
import csv
import re
import sys
from pathlib import Path

from musiclab.checkpoint.load import SHIPPED, Checkpoint, load_checkpoint
from musiclab.training.presets import PRESETS

HEADINGS = ("Figures", "How it was trained", "Data", "Limits", "Licence")
BLOCK = "<!-- {name}, by scripts/model_cards.py -->\n{text}\n<!-- end of {name} -->"
STATED = re.compile(r"^\| valid, all[^|]*\| *([\d.]+)", re.MULTILINE)  # by `musiclab evaluate`
ROUNDING = 0.0006  # nats a note: training measures in bf16, evaluation in float32


def main(arguments: list[str] | None = None) -> int:
    """Write or check the cards; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--musical", nargs="+", default=[], metavar="NAME", help="measure anew")
    asked = parser.parse_args(arguments)
    folders = sorted(file.parent for file in SHIPPED.glob("*/model.safetensors"))
    if asked.check:
        faults = [fault for folder in folders for fault in faults_of(folder)]
        print("\n".join(faults) or "the cards say what the checkpoints say")
        return 1 if faults else 0
    for folder in folders:
        card = folder / "README.md"
        text = put(card.read_text(encoding="utf-8"), "facts", facts_of(folder))
        if folder.name in asked.musical:
            text = put(text, "music", music_of(folder))
        card.write_text(text, encoding="utf-8", newline="\n")
        print(card.relative_to(SHIPPED))
    return 0


def facts_of(folder: Path) -> str:
    """Say in a table what the checkpoint and its log know."""
    checkpoint, (steps, minutes, losses) = load_checkpoint(folder), read_log(folder)
    weights = [one for one in checkpoint.model.parameters()]
    tokenizer, size = checkpoint.tokenizer, (folder / "model.safetensors").stat().st_size
    step, figures = checkpoint.info["step"], dict(checkpoint.info["figures"])
    rows = {
        "fingerprint": f"`{checkpoint.fingerprint}`",
        "parameters": f"{sum(one.numel() for one in weights):,} ({size / 1e6:.1f} MB)",
        "tokens": f"{tokenizer.vocab_size}: pitches {tokenizer.lowest} to {tokenizer.highest}, "
        + ("struck or held" if tokenizer.holds else "not told whether struck or held"),
        "is told": ", ".join(checkpoint.conditions.names) or "nothing",
        "trained for": f"{steps:,} steps, {minutes:.0f} minutes ([log.csv](log.csv))",
        "kept": f"step {step:,}, the best of {len(losses)} validations",
        "valid": f"{figures.pop('valid'):.4f} nats a token that the model predicts",
        **{name: f"{value:.4g}" for name, value in figures.items()},
        "learnt from": f"pieces of fingerprint `{checkpoint.info['data']}`",
    }
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]
    return "\n".join(lines)


def music_of(folder: Path) -> str:
    """Measure the music, as `python -m benchmarks` prints it, with all reports that suit it."""
    sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks/ is no part of the package
    from benchmarks import adherence, harmony, musical

    checkpoint = load_checkpoint(folder)
    if hasattr(checkpoint.model, "encode"):  # it reads a melody
        reports = [harmony]
    else:
        reports = [musical, adherence] if "key" in checkpoint.conditions.names else [musical]
    tables = [one.run(checkpoint=folder.name) for one in reports]
    return "\n\n".join(f"```\n{table}\n```" for table in tables)


def read_log(folder: Path) -> tuple[int, float, dict[int, float]]:
    """Return the steps, the minutes, and the valid loss at each step that was validated."""
    with (folder / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seconds = [float(row["seconds"]) for row in rows if row["seconds"]]
    losses = {int(row["step"]): float(row["valid"]) for row in rows if row["valid"]}
    return int(rows[-1]["step"]), seconds[-1] / 60, losses


def faults_of(folder: Path) -> list[str]:
    """Name every disagreement of a card with its checkpoint, its log and its command."""
    name, card = folder.name, (folder / "README.md").read_text(encoding="utf-8")
    checkpoint, (steps, _, losses) = load_checkpoint(folder), read_log(folder)
    info, faults = checkpoint.info, []
    valid = info["figures"]["valid"]
    if put(card, "facts", facts_of(folder)) != card:
        faults.append("the facts are not those of the checkpoint; run scripts/model_cards.py")
    best = min(losses, key=losses.get)
    # Weights that were scaled after training are better than the log by as much.
    fits = valid <= losses[best] if "temperature" in info["figures"] else valid == losses[best]
    if best != info["step"] or not fits:
        faults.append(f"valid {valid:.6f} at step {info['step']} is not what the log has as best")
    stated = STATED.search(card)
    if stated and abs(float(stated[1]) - valid) > ROUNDING:
        faults.append(f"states {stated[1]} on valid; the checkpoint says {valid:.4f}")
    music = re.search(r"<!-- music, .*?-->(.*)<!-- end of music -->", card, re.DOTALL)
    if music and f"@{checkpoint.fingerprint}," not in music[1]:
        faults.append("the musical table is of other weights; run scripts/model_cards.py --musical")
    if f"musiclab train {name} " not in card:
        faults.append(f"does not say `musiclab train {name}`")
    # Of a training that somebody stopped, the card says so.
    stopped = re.search(rf"stopped after {steps:,} of ([\d,]+) steps", card)
    planned = int(stopped[1].replace(",", "")) if stopped else steps
    if unlike := differences(name, checkpoint, planned):
        faults.append(f"`musiclab train {name}` makes another model: {'; '.join(unlike)}")
    faults += [f"has no heading {one!r}" for one in HEADINGS if f"\n## {one}\n" not in card]
    return [f"{name}: {fault}" for fault in faults]


def differences(name: str, checkpoint: Checkpoint, steps: int) -> list[str]:
    """Say in what the training of that name would make another model than this."""
    if name not in PRESETS:
        return ["there is no such training"]
    preset = PRESETS[name]
    settings = (preset.build_model().config.to_dict(), checkpoint.model.config.to_dict())
    pairs = {one: tuple(side.get(one) for side in settings) for one in settings[0] | settings[1]}
    pairs["tokenizer"] = (preset.tokenizer, checkpoint.tokenizer)
    pairs["conditions"] = (preset.conditions, checkpoint.conditions)
    pairs["steps"] = (preset.training.steps, steps or preset.training.steps)
    return [f"{one} {a}, here {b}" for one, (a, b) in pairs.items() if a != b]


def put(card: str, name: str, text: str) -> str:
    """Replace a block of a card; one that has no such block stays as it is."""
    block = BLOCK.format(name=name, text=text)
    first, last = BLOCK.format(name=name, text="\n").split("\n\n\n")
    pattern = re.escape(first) + r"\n.*?" + re.escape(last)
    return re.sub(pattern, lambda _: block, card, count=1, flags=re.DOTALL)


if __name__ == "__main__":
    sys.exit(main())
