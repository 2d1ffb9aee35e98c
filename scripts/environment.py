"""Make .venv and install everything pinned; a second run sees that nothing is left to do.

``make lab`` and ``make test`` run this with the system's Python, so it uses nothing but the
standard library, and syntax that an old Python can read, to be able to say what is missing.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "ready.txt"  # holds `wanted()` once everything is installed
PINS = ROOT / "binder" / "requirements.txt"

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
# Where that index cannot be reached, give up at once and take the default build.
NO_PATIENCE = ("--retries", "0", "--timeout", "15")


def main() -> None:
    """Bring .venv up to date, then load the corpus cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", choices=("cpu", "cuda"), default="cpu", help="build of torch")
    torch_build = parser.parse_args().torch
    complain_about_old_python()
    if is_ready() and not needs_cuda(torch_build):
        return
    start = time.time()
    make_venv()
    install_torch(torch_build)
    install_the_rest()
    warm_corpus()
    STAMP.write_text(wanted())
    say(f"Ready after {time.time() - start:.0f} s.")


def complain_about_old_python() -> None:
    """Stop with the remedy where this Python is older than 3.11."""
    if sys.version_info < (3, 11):  # noqa: UP036
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            "musiclab needs Python 3.11 or newer, and this is Python " + found + ". "
            "Where a newer one is installed, name it: make lab PYTHON=python3.12"
        )


def is_ready() -> bool:
    """Tell whether an earlier run finished and nothing that it installed from has changed."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted()


def wanted() -> str:
    """Fingerprint what decides the content of .venv."""
    files = (PINS, ROOT / "pyproject.toml", Path(__file__))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def make_venv() -> None:
    """Create .venv unless it is there."""
    if PYTHON.exists():
        return
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        sys.exit(
            "This Python has no venv module. On Debian and Ubuntu: sudo apt install python3-venv. "
            "Or name another Python: make lab PYTHON=python3.12"
        )
    say("Making .venv with Python " + sys.version.split()[0])
    venv.create(str(VENV), with_pip=True)


def torch_pin() -> str:
    """Return the one line of the pinned environment that names torch."""
    return next(line for line in pins() if line.startswith("torch=="))


def pins() -> tuple:
    """Return the lines of the pinned environment, less comments and options."""
    lines = PINS.read_text().splitlines()
    return tuple(line for line in lines if line and not line.startswith(("#", "-")))


def has_torch(pattern: str) -> bool:
    """Tell whether .venv holds a torch whose version matches ``pattern``."""
    homes = ("lib/python*/site-packages", "Lib/site-packages")  # the second one on Windows
    return any(any(VENV.glob(f"{home}/torch-{pattern}.dist-info")) for home in homes)


def needs_cuda(torch_build: str) -> bool:
    """Tell whether the CUDA build is wanted and the CPU build is there."""
    return torch_build == "cuda" and has_torch("*+cpu")


def install_torch(torch_build: str) -> None:
    """Install the pinned torch: the small CPU build, or the default one, which runs on CUDA."""
    pin = torch_pin()
    if needs_cuda(torch_build):  # pip takes the CPU build for good enough, hence by force
        pip("--force-reinstall", "--no-deps", pin)
    elif torch_build == "cpu" and not has_torch(pin.replace("torch==", "") + "*"):
        say("Installing torch for the CPU; for an NVIDIA GPU: make lab TORCH=cuda")
        try:
            pip("--no-deps", "--index-url", CPU_INDEX, *NO_PATIENCE, pin, stderr=subprocess.DEVNULL)
        except subprocess.CalledProcessError:
            say("The index of CPU builds cannot be reached: taking the default build of torch")


def install_the_rest() -> None:
    """Install the pinned environment and, editable, musiclab itself."""
    say("Installing the rest: about 1 GB, some minutes the first time")
    listed = VENV / "pins.txt"
    # Without the option --extra-index-url: one index less to ask about every package.
    listed.write_text("\n".join(pins()) + "\n")
    pip("-r", str(listed))
    pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def pip(*arguments: str, stderr=None) -> None:
    """Run ``pip install`` in .venv; whoever watches sees its progress, a log only its errors."""
    options = ["--disable-pip-version-check"] + ([] if sys.stdout.isatty() else ["--quiet"])
    command = [str(PYTHON), "-m", "pip", "install", *options, *arguments]
    subprocess.run(command, check=True, stderr=stderr)


def warm_corpus() -> None:
    """Parse the Bach chorales once, with a progress bar; they are quick to load ever after."""
    code = f"import musiclab; musiclab.corpus(progress={sys.stdout.isatty()})"
    subprocess.run([str(PYTHON), "-c", code], cwd=str(ROOT), check=True)


def say(what: str) -> None:
    """Print one line at once, even where the output is a file."""
    print(what, flush=True)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError:
        sys.exit("Stopped: the last message above says why. Run the same command again to go on.")
