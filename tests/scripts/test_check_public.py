"""The check of what a public repository may hold finds each kind of fault."""

import check_public
import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(check_public, "ROOT", tmp_path)
    return tmp_path


# Spelt in two parts, so that this file passes the check itself.
@pytest.mark.parametrize(
    "text",
    [
        "see /home" + "/ann/notes.txt",
        "open('/root" + "/x')",
        "C:" + "\\Users\\ann",
        "https://pypi" + ".org/simple",
        "index-url = file:///srv" + "/simple",
        "-----BEGIN RSA PRIVATE " + "KEY-----",
    ],
)
def test_fault_is_found(text, folder):
    file = folder / "a.md"
    file.write_text("fine\n" + text)
    (fault,) = check_public.faults_of(file)
    assert fault.startswith("a.md:2 names")


@pytest.mark.parametrize(
    "text",
    ["a/b, music/data/split.csv", "/home/jovyan/x", "https://download.pytorch.org/whl/cpu", "1/2"],
)
def test_ordinary_text_passes(text, folder):
    file = folder / "a.md"
    file.write_text(text)
    assert check_public.faults_of(file) == []


def test_large_file_is_found(folder, monkeypatch):
    monkeypatch.setattr(check_public, "LARGEST", 10)
    file = folder / "a.bin"
    file.write_bytes(b"\0" * 11)
    assert "too large" in check_public.faults_of(file)[0]
    file.write_bytes(b"\0" * 10)
    assert check_public.faults_of(file) == []
