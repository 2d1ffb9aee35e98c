"""A pytest plugin: measure each notebook's kernel while nbval runs it, and print the table.

A notebook whose kernel took more memory than a small machine has fails.
"""

from pathlib import PurePosixPath

import pytest
from notebook_facts import NOTEBOOKS, peak_megabytes, table

MOST_MEGABYTES = 1500
MEASURED = pytest.StashKey[dict]()


def pytest_configure(config):
    config.stash[MEASURED] = {}
    config.pluginmanager.register(Collector(config.stash[MEASURED]))


class Collector:
    """Adds up, in the process that prints, what the processes that test report."""

    def __init__(self, measured):
        self.measured = measured

    def pytest_runtest_logreport(self, report):
        path = PurePosixPath(report.nodeid.partition("::")[0])
        if path.suffix == ".ipynb" and path.parent.name == NOTEBOOKS.name:
            one = self.measured.setdefault(path.stem, {"run_seconds": 0.0})
            one["run_seconds"] += report.duration
            one.update(report.user_properties)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item, nextitem):
    """Look at the kernel after its notebook's last cell, while it still lives."""
    kernel = getattr(item.parent, "kernel", None)
    if kernel is None or (nextitem is not None and nextitem.parent is item.parent):
        return
    megabytes = peak_megabytes(kernel.km.provisioner.pid)
    item.user_properties.append(("peak_megabytes", megabytes))
    if megabytes > MOST_MEGABYTES:
        pytest.fail(f"the notebook took {megabytes:.0f} MB; {MOST_MEGABYTES} are allowed")


def pytest_terminal_summary(terminalreporter, config):
    measured = config.stash[MEASURED]
    if measured:
        rounded = {
            name: {key: round(value) for key, value in one.items()}
            for name, one in measured.items()
        }
        terminalreporter.section("notebooks, as measured in this run")
        terminalreporter.write_line(table(NOTEBOOKS, rounded))
