"""Every test here with an argument ``sheet`` runs once for each sheet; it is the sheet's source."""

import pytest
from build_sheets import SHEETS, blank_notebook, chosen, source_notebook


def pytest_generate_tests(metafunc):
    if "sheet" in metafunc.fixturenames:
        sources = chosen(SHEETS, [])
        metafunc.parametrize("sheet", sources, ids=[path.stem for path in sources])


@pytest.fixture
def blank(sheet):
    return blank_notebook(sheet)


@pytest.fixture
def everything(sheet):
    return source_notebook(sheet)
