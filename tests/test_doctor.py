"""The doctor: what it looks at, and the remedies it names."""

import pytest

from musiclab import cli, doctor


def test_the_doctor_reports_health_by_its_exit_code(capsys, monkeypatch):
    healthy = [doctor.Finding("all is well"), doctor.Finding("a trifle", "ignore it")]
    monkeypatch.setattr(doctor, "examine", lambda: healthy)
    code, out = cli.main(["doctor"]), capsys.readouterr().out
    assert code == 0 and "note   a trifle\n       -> ignore it" in out
    healthy.append(doctor.Finding("no sound", "buy a horn", fatal=True))
    code, out = cli.main(["doctor"]), capsys.readouterr().out
    assert code == 1 and "FAULT  no sound\n       -> buy a horn" in out


def test_the_doctor_looks_at_everything_and_never_fails(monkeypatch):
    def broken():
        raise RuntimeError("broken package")

    monkeypatch.setattr(doctor, "check_music", broken)
    findings = [str(finding) for finding in doctor.examine()]
    for word in ("Python", "torch", "music21", "GPU", "sound by", "cache folder", "checkpoint"):
        assert any(word in one for one in findings), word
    assert "broken package" in findings[-1] and "FAULT" in findings[-1]


def test_the_doctor_names_the_remedy(monkeypatch, tmp_path):
    missing = doctor.check_dependency("no-such-package>=1.0")
    assert missing.fatal and missing.remedy == "pip install 'no-such-package>=1.0'"
    optional = doctor.check_dependency("no-such-package>=1.0; sys_platform != 'linux'")
    assert optional.remedy and not optional.fatal
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MUSICLAB_CACHE", str(tmp_path / "file"))
    assert "MUSICLAB_CACHE" in doctor.check_cache_folder().remedy
    monkeypatch.setenv("MUSICLAB_CACHE", str(tmp_path / "empty"))
    assert not doctor.check_cache_folder().remedy
    assert "musiclab.corpus()" in doctor.check_corpus().remedy


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("1.99", ">=2.0", False),
        ("2.10.1+cpu", ">=2.6", True),
        ("2.12.0a0+git", ">=2.6", True),  # built from source
        ("9.0", ">=7.7.1,<9", False),
        ("anything", "", True),
    ],
)
def test_the_doctor_compares_versions(monkeypatch, version, bounds, fits):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: version)
    found = doctor.check_dependency(f"torch{bounds}")
    assert found.fatal is not fits and bool(found.remedy) is not fits


def test_the_doctor_asks_only_for_what_this_machine_can_have():
    lines = doctor.needed()
    assert any(line.startswith("torch") for line in lines)
    assert not any("extra ==" in line or line.startswith("jupyterlab") for line in lines)
