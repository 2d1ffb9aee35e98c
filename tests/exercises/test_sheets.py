"""The sheets: blank ones never fail, solved ones pass, half-done ones go on."""

import re
from collections import Counter

import nbformat
from build_sheets import SHEETS, blank_notebook, chosen, targets
from run_cells import run_cells

from musiclab.check import EXERCISES
from musiclab.check.registry import QUICK

CHECK = re.compile(r'^check\("([\w-]+)", \w+\)$', re.MULTILINE)


def asked(notebook):
    """Return the ids that a sheet checks, in order."""
    return [id for cell in notebook.cells for id in CHECK.findall(cell.source)]


def test_every_exercise_stands_in_one_sheet_its_notebooks():
    pages = [targets(source)[0] for source in chosen(SHEETS, [])]
    found = Counter(
        (int(page.stem[:2]), id) for page in pages for id in asked(nbformat.read(page, 4))
    )
    every = [*EXERCISES.values(), *QUICK.values()]
    assert found == Counter((one.notebook, one.id) for one in every)


def test_a_blank_sheet_runs_and_nothing_is_started(sheet, blank):
    said = run_cells(blank)
    assert [id for id, result in said.items() if not result.blank] == []
    assert list(said) == asked(blank)


def test_a_blank_sheet_holds_no_solution(sheet):
    saved = targets(sheet)[0].read_text(encoding="utf-8")
    assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN)|require", saved)
    code = [one for one in nbformat.reads(saved, 4).cells if one.cell_type == "code"]
    assert [cell.source for cell in code if cell.outputs or cell.execution_count] == []


def test_in_the_solutions_every_check_has_passed(sheet, blank):
    notebook = nbformat.read(targets(sheet)[1], 4)
    passed = [
        id
        for cell in notebook.cells
        for id in CHECK.findall(cell.source)
        if re.match(rf"\W*{id}: (Visible checks passed|Right)", shown(cell))
        and "nbval-check-output" in cell.metadata.tags  # nbval runs them and compares
    ]
    assert passed == asked(notebook) == asked(blank)


def shown(cell):
    return "".join(output.data["text/plain"] for output in cell.outputs)


def test_hints_wait_until_they_are_asked_for(blank):
    hints = {cell.id: cell.source for cell in blank.cells if cell.id.endswith("-hint")}
    wanted = {f"{id}-hint": f'# hint("{id}")' for id in asked(blank) if id in EXERCISES}
    assert hints == wanted


def test_a_half_done_sheet_goes_on():
    (sheet,) = chosen(SHEETS, ["06_attention"])
    solved = {cell.id: cell.source for cell in nbformat.read(targets(sheet)[1], 4).cells}
    mask = "def causal_mask(q_seq, k_seq):\n    return torch.ones(q_seq, k_seq) > 0"
    heads = "def split_heads(x, heads):\n    return x.nonsense"
    answers = {"attention-weights": solved["attention-weights"]}
    answers |= {"causal-mask": mask, "split-heads": heads}
    said = run_cells(blank_notebook(sheet), answers)
    assert list(said) == asked(blank_notebook(sheet))
    assert said["attention-weights"].passed
    assert said["causal-mask"].mistake and not said["causal-mask"].passed
    assert "nonsense" in said["split-heads"].message
    assert all(result.blank for id, result in said.items() if id not in answers)
