import pytest

from benchmarks import __main__ as command
from benchmarks import musical


def test_a_report_is_passed_what_was_given_and_nothing_else(monkeypatch, capsys):
    monkeypatch.setattr(command.torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(musical, "run", lambda **asked: f"asked {asked}")
    command.main(["musical", "--checkpoint", "a", "--best-of", "2", "--copies", "3"])
    assert "asked {'checkpoint': 'a', 'best_of': 2}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["musical", "adherence", "harmony"])
def test_a_checkpoint_that_is_missing_is_told_in_a_line(name):
    with pytest.raises(SystemExit, match="no checkpoint 'nowhere'"):
        command.main([name, "--checkpoint", "nowhere"])
