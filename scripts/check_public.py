"""Refuse what a public repository should not hold: huge files, private paths, stray outputs."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 20_000_000  # bytes: a checkpoint fits, a forgotten data set does not

# Spelt in two parts, so that this file passes its own check.
PRIVATE = re.compile(
    r"(?<![\w.])/(?:(?:home|Users)" + r"/\w+|(?:root|work|opt|farm)" + r"/\w)|C:\\Users"
)
# The home folder on Binder is everybody's.
ALLOWED = re.compile(r"/home/jovyan")
INDEX = re.compile(
    "pypi" + r"\.org|files\.python" + r"hosted\.org|test\.pypi|://[^\s\"']*/simple\b"
)
SECRET = re.compile("BEGIN [A-Z ]*PRIVATE " + "KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}")
CHECKS = {"a machine's path": PRIVATE, "a package index": INDEX, "a secret": SECRET}


def main() -> int:
    """Check every file that git would publish; return the exit code."""
    faults = [fault for path in published() for fault in faults_of(path)]
    print("\n".join(faults) or "nothing that a public repository should not hold")
    return 1 if faults else 0


def published() -> list[Path]:
    """Return the files that git tracks or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    paths = [ROOT / name for name in names.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def faults_of(path: Path) -> list[str]:
    """Say what is wrong with one file, if anything."""
    name, size = path.relative_to(ROOT), path.stat().st_size
    faults = [f"{name} is too large: {size / 1e6:.0f} MB"] if size > LARGEST else []
    content = path.read_bytes()
    if b"\0" in content:  # no text
        return faults
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        line = ALLOWED.sub("", line)
        for what, pattern in CHECKS.items():
            if found := pattern.search(line):
                faults.append(f"{name}:{number} names {what}: {found[0]}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
