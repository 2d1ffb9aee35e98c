"""Take the measures of notebook 11 on the device that is there, and record them for the notebook.

``python scripts/measure_device.py`` takes a GPU if there is one, and writes
notebooks/recorded/NAME.json. The notebook shows every file in that folder beside its own figures.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import torch

from musiclab.training.device_report import MEASURES, beside
from musiclab.training.distributed import our_device
from musiclab.training.measure import device_name

RECORDED = Path(__file__).resolve().parent.parent / "notebooks" / "recorded"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto", help='such as "cuda" or "cpu"')
    parser.add_argument("--folder", type=Path, default=RECORDED, help="where the file goes")
    options = parser.parse_args(arguments)
    report = measure_all(our_device(options.device))
    for name, figures in report["measures"].items():
        print(beside(name, figures, [], report["device"]), end="\n\n")
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"{file_name(report['device'])}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"written: {path.name}")
    return 0


def measure_all(device: torch.device) -> dict[str, Any]:
    """Take every measure: about half a minute on a processor."""
    return {
        "device": device_name(device),
        "torch": torch.__version__,
        "measures": {name: measure(device) for name, measure in MEASURES.items()},
    }


def file_name(device: str) -> str:
    """Turn a device's name into one that any file system takes.

    Example:
        >>> file_name("Some GPU, 80GB (PCIe)")
        'some-gpu-80gb-pcie'
    """
    return re.sub(r"[^a-z0-9]+", "-", device.lower()).strip("-")


if __name__ == "__main__":
    sys.exit(main())
