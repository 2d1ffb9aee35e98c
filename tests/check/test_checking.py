"""What the learner types, and what is shown: one function for all kinds of exercises."""

import html
import re

import numpy as np
import pytest

from musiclab.check import CheckFailed, check, order
from musiclab.check.asking import the_judge
from musiclab.check.checking import _result
from musiclab.check.registry import EXERCISES, QUICK
from musiclab.check.result import Result
from musiclab.music.chorale import Chorale
from musiclab.music.serialise import to_dict


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSICLAB_PROGRESS", str(tmp_path / "progress.json"))


def made(source):
    names = {"__name__": "__main__"}
    exec(compile(source, "<a cell>", "exec"), names)
    return names["answer"]


def test_a_right_answer_is_written_down():
    from musiclab.check import progress

    solution = EXERCISES["causal-mask"].solution
    assert check("causal-mask", solution).require().passed
    assert "causal-mask" in progress().done


def test_a_wrong_answer_can_be_required_to_be_right():
    answer = made(
        "import torch\ndef answer(q, k): return torch.ones(q, k, dtype=torch.bool).tril()"
    )
    result = check("causal-mask", answer)
    assert not result.passed and result.mistake == "no-offset"
    with pytest.raises(CheckFailed, match="causal-mask: "):
        result.require()


@pytest.mark.parametrize("answer", [None, ..., lambda q, k: None])
def test_what_is_not_begun_is_nothing_bad(answer):
    result = check("causal-mask", answer)
    assert result.blank and not result.passed and result.mistake is None
    assert "D55E00" not in result._repr_html_()
    with pytest.raises(CheckFailed):
        result.require()


def test_the_line_that_failed_is_shown_and_the_traceback_folded(tmp_path):
    cell = tmp_path / "cell.py"
    cell.write_text("def answer(q, k):\n    size = q + 'x'\n    return size\n")
    names = {"__name__": "__main__"}
    exec(compile(cell.read_text(), str(cell), "exec"), names)
    result = check("causal-mask", names["answer"])
    assert result.mistake == "raised-TypeError"
    assert "It stopped in line 2: `size = q + 'x'`" in result.message
    assert "Where Python stopped" not in result.message
    assert "line 2, in answer" in result.trace and "TypeError" in result.trace
    assert "<details>" in result._repr_html_()


@pytest.mark.parametrize("wrong", ["causal_mask", "causal-masks", "casual-mask"])
def test_a_misspelt_id_is_recognised(wrong):
    with pytest.raises(CheckFailed, match='did you mean "causal-mask"'):
        check(wrong, len)


@pytest.mark.parametrize("wrong", ["", "nothing like it", 6, None])
def test_an_unknown_id_is_refused(wrong):
    with pytest.raises(CheckFailed, match="there is no exercise"):
        check(wrong, len)


class TestLinesInOrder:
    def test_right_lines_pass_and_count(self):
        asked = QUICK["order-06"]
        assert check("order-06", list(asked.right)).passed

    def test_a_wrong_line_has_the_name_of_its_mistake(self):
        wrong = list(QUICK["order-06"].right)
        wrong[wrong.index(3)] = 1  # the mask the wrong way round
        result = check("order-06", wrong)
        assert result.mistake == "mask-upside-down"

    def test_a_line_too_early_is_shown(self):
        result = check("order-06", [6, 2])
        assert result.mistake == "raised-UnboundLocalError"
        assert "`return weights`" in result.message

    @pytest.mark.parametrize("wrong", [[0], [99], [1, 1], ["1"], [True], 3, "123", {1, 2}])
    def test_what_are_no_numbers_of_lines_is_explained(self, wrong):
        result = check("order-06", wrong)
        assert result.mistake == "cannot-be-tried" and result.what

    def test_no_lines_at_all_are_not_begun(self):
        assert check("order-06", []).blank

    def test_lines_are_shown_with_their_numbers(self):
        shown = repr(order("order-06"))
        for number, line in enumerate(QUICK["order-06"].lines, 1):
            assert f"{number:2} | {line}" in shown
        with pytest.raises(CheckFailed):
            order("causal-mask")


class TestRecall:
    def test_each_choice_has_its_answer(self):
        asked = QUICK["recall-06"]
        for letter, (_, says) in asked.choices.items():
            result = check("recall-06", f" {letter.upper()} ")
            assert result.passed == (letter == asked.right)
            assert says in result.message

    @pytest.mark.parametrize("blank", [None, ..., ""])
    def test_no_letter_is_not_begun(self, blank):
        assert check("recall-06", blank).blank

    @pytest.mark.parametrize("wrong", ["z", "ab", 3, ["b"]])
    def test_no_such_letter(self, wrong):
        assert check("recall-06", wrong).mistake == "no-such-choice"

    def test_the_question_is_shown(self):
        shown = repr(order("recall-06"))
        assert QUICK["recall-06"].question in shown and "a) " in shown


def result(**more):
    settings = {"id": "skew", "what": "Wrong `x` & <b>worse</b>.", "mistake": "kind-sign"}
    return Result(**(settings | more))


def test_html_shows_texts_as_they_are():
    shown = result(example="<script>alert(1)</script>", trace="</pre><script>")._repr_html_()
    assert "<script" not in shown and "<b>worse" not in shown
    assert html.escape("<script>alert(1)</script>") in shown
    assert "<code>x</code>" in shown


def test_colour_is_never_the_only_sign():
    shown = {result(passed=True, what="Visible checks passed.").colour, result().colour}
    shown.add(result(blank=True, what="Not started yet.").colour)
    assert len(shown) == 3
    for one in (result(), result(passed=True)):
        text = re.sub("<[^>]*>", "", one._repr_html_())
        assert one.id in text and "background" not in one._repr_html_()


def heard(result):
    return re.findall("<figcaption>(.*?)</figcaption>", result._repr_html_())


def test_yours_and_right_can_be_heard():
    music = to_dict(Chorale(pitches=np.full((4, 4), 60)))
    assert heard(result(hear=lambda: {"yours": music, "right": music})) == ["yours", "right"]
    assert heard(result()) == []


@pytest.mark.parametrize("music", [{"yours": {}}, {"yours": None}, {"yours": {"type": "chorale"}}])
def test_what_cannot_be_heard_costs_nothing(music):
    assert "<audio" not in result(hear=lambda: music)._repr_html_()


def answers(source):
    return made(f"import torch\ndef answer(*inputs):\n    return {source}")


def test_music_is_made_when_it_is_shown_and_only_where_there_is_some(monkeypatch):
    asked, ask = [], the_judge().ask
    monkeypatch.setattr(the_judge(), "ask", lambda request: asked.append(request) or ask(request))
    wrong = check("transpose", answers("inputs[0] + 1"))
    assert len(asked) == 1 and repr(wrong) and len(asked) == 1
    assert heard(wrong) == ["yours", "right"] and len(asked) == 3
    assert heard(wrong) == ["yours", "right"] and len(asked) == 4  # the right one was kept
    assert heard(check("transpose", EXERCISES["transpose"].solution)) == []
    assert heard(check("transpose", answers("nothing"))) == []


def test_what_sounds_the_same_is_played_once():
    higher = EXERCISES["transpose"].solution
    (title,) = heard(check("transpose", lambda *inputs: higher(*inputs).float()))
    assert "same" in title


def test_what_passes_an_open_question_is_heard_alone():
    assert heard(check("own-mask", EXERCISES["own-mask"].solution)) == ["yours"]
    assert heard(check("own-mask", answers("torch.ones(9, 9)"))) == []


def test_a_verdict_becomes_a_result():
    where = [("<order-06>", 2, "f")]
    verdict = {"what": "No.", "example": "", "frames": where, "raised": "E: x", "audible": False}
    shown = _result("order-06", verdict, {"source": "def f(x):\n    return y\n"})
    assert shown.example == "It stopped in line 2: `return y`."
