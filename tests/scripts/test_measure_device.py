"""What the script records is what the notebook reads."""

import measure_device

from musiclab.training.device_report import load_recorded

REPORT = {"device": "Some GPU", "torch": "2.13", "measures": {"pace": {"fp32": 50_000.4}}}


def test_records_what_the_notebook_reads(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measure_device, "measure_all", lambda device: REPORT)
    assert measure_device.main(["--device", "cpu", "--folder", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / "some-gpu.json").exists()
    assert load_recorded(tmp_path / "new") == [REPORT]
    printed = capsys.readouterr().out
    assert "Some GPU" in printed and "50,000" in printed
