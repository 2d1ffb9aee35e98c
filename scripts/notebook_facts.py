"""How long, how large and how hungry each notebook is: what its opening box promises, and measured.

``python scripts/notebook_facts.py`` prints the table. The running time and the peak memory are
those of the last build; see build_notebooks.py, which writes them to notebooks/measured.json.
"""

import base64
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import soundfile
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
STATED = re.compile(
    r"\*\*Time:\*\* about (\d+) minutes to read and listen, "
    r"about (\d+) seconds to run on two processor cores\."
)
WORDS_A_MINUTE = 100  # our estimate for prose that one works through
CODE_CELLS_A_MINUTE = 2  # predict, run, look
SOUND = re.compile(r"data:audio/mpeg;base64,([A-Za-z0-9+/=]+)")
COLUMNS = ("notebook", "words", "code cells", "kB", "sound, min", "reading, min")
MEASURED_COLUMNS = ("stated run, s", "measured run, s", "peak memory, MB")


@dataclass(frozen=True)
class Facts:
    """What can be counted in a saved notebook.

    Attributes:
        name: Such as "00_hear_it_first".
        words: In prose, by white space.
        code_cells: How many.
        kilobytes: Of the file.
        sound: Minutes of sound saved in it.
        stated_reading: Minutes that the opening box states; None if it states none.
        stated_run: Seconds that it states.
    """

    name: str
    words: int
    code_cells: int
    kilobytes: int
    sound: float
    stated_reading: int | None
    stated_run: int | None

    @property
    def reading(self) -> float:
        """Minutes to read, run and hear it all once: an estimate from what was counted."""
        return self.words / WORDS_A_MINUTE + self.code_cells / CODE_CELLS_A_MINUTE + self.sound


def facts(path: Path) -> Facts:
    """Count what is in one notebook."""
    notebook = nbformat.read(path, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    stated = STATED.search(prose)
    return Facts(
        name=path.stem,
        words=len(prose.split()),
        code_cells=sum(cell.cell_type == "code" for cell in notebook.cells),
        kilobytes=round(path.stat().st_size / 1000),
        sound=seconds_of_sound(notebook) / 60,
        stated_reading=int(stated[1]) if stated else None,
        stated_run=int(stated[2]) if stated else None,
    )


def seconds_of_sound(notebook: NotebookNode) -> float:
    """Add up the lengths of the sounds in a notebook's outputs."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    html = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
    files = (io.BytesIO(base64.b64decode(sound)) for sound in SOUND.findall(html))
    return sum(soundfile.info(file).duration for file in files)


def peak_megabytes(pid: int) -> float:
    """Tell the most memory that a running process ever held; on macOS, what it holds now."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return psutil.Process(pid).memory_info().rss / 1e6
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def load_measured(notebooks: Path) -> dict[str, dict[str, float]]:
    """Read what the last build of each notebook took, by name."""
    path = notebooks / "measured.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save_measured(notebooks: Path, name: str, seconds: float, megabytes: float) -> None:
    """Note what building one notebook took."""
    measured = load_measured(notebooks)
    measured[name] = {"run_seconds": round(seconds), "peak_megabytes": round(megabytes)}
    text = json.dumps(measured, indent=2, sort_keys=True) + "\n"
    (notebooks / "measured.json").write_text(text, encoding="utf-8", newline="\n")


def table(notebooks: Path, measured: dict[str, dict[str, float]]) -> str:
    """Set the facts of all notebooks in a Markdown table, with what ``measured`` knows of them."""
    rows = [(*COLUMNS, *MEASURED_COLUMNS)]
    rows.append(("---",) + ("---:",) * (len(rows[0]) - 1))
    for path in sorted(notebooks.glob("*.ipynb")):
        one, taken = facts(path), measured.get(path.stem, {})
        counted = (one.words, one.code_cells, one.kilobytes, f"{one.sound:.1f}")
        reading = f"{one.stated_reading} ({one.reading:.0f} counted)"
        run = (taken.get("run_seconds", "-"), taken.get("peak_megabytes", "-"))
        rows.append((one.name, *counted, reading, one.stated_run, *run))
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


if __name__ == "__main__":
    print(table(NOTEBOOKS, load_measured(NOTEBOOKS)))
