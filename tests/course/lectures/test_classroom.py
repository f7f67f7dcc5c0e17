import subprocess

import pytest

from ganinv_keras import files, store
from ganinv_keras.course.lectures import classroom


def test_this_machine_has_what_the_course_needs(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "output_dir", lambda: tmp_path)
    assert classroom.packages().startswith("Python 3") and "files of weights" in classroom.weights()
    assert "GB of disk" in classroom.space() and "kernel" in classroom.kernel()


def test_what_is_missing_is_named(tmp_path, monkeypatch, capsys):
    (tmp_path / "requirements.txt").write_text(
        "-e .\nnumpy>=99  # no\nno-such-package>=1\npandas>=1\nold; python_version<'3'"
    )
    monkeypatch.setattr(classroom, "ROOT", tmp_path)
    with pytest.raises(classroom.Missing, match=r"numpy .* is not >=99; no-such-package is missing: pip install"):
        classroom.packages()
    monkeypatch.setattr(store, "WEIGHTS", tmp_path)
    with pytest.raises(classroom.Missing, match="empty"):
        classroom.weights()
    (tmp_path / "a.npz").write_bytes(b"half")
    with pytest.raises(classroom.Missing):
        classroom.weights()
    with pytest.raises(classroom.Missing, match="page 00 stopped"):
        classroom.page()
    monkeypatch.setattr(classroom, "CHECKS", (classroom.packages, classroom.kernel))
    assert not classroom.check()
    lines = capsys.readouterr().out.splitlines()
    assert (
        lines[0].startswith("✗ packages: ") and lines[1].startswith("✓ ") and "not ready: see the 1 lines" in lines[2]
    )


def test_a_full_disk_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "output_dir", lambda: tmp_path)
    monkeypatch.setattr(classroom, "GIGABYTE", 1e30)
    with pytest.raises(classroom.Missing, match="1 and 2 are needed"):
        classroom.space()


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "course"
    (root / "notebooks" / "solutions").mkdir(parents=True)
    for name in ("a.ipynb", "solutions/b é.ipynb"):
        (root / "notebooks" / name).write_text("as committed")
    who = ["-c", "user.name=A", "-c", "user.email=a@b"]
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", root, *arguments], check=True)
    return root


def test_a_reset_restores_and_loses_nothing(checkout):
    assert classroom.reset(checkout) is None
    (checkout / "notebooks" / "solutions" / "b é.ipynb").write_text("changed")
    (checkout / "notebooks" / "a.ipynb").unlink()
    (checkout / "notebooks" / "mine.ipynb").write_text("mine")
    (checkout / "outputs").mkdir()
    (checkout / "outputs" / "result.json").write_text("{}")
    folder = classroom.reset(checkout)
    kept = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert kept == {"notebooks/solutions/b é.ipynb": "changed", "notebooks/mine.ipynb": "mine",
                    "outputs/result.json": "{}"}  # fmt: skip
    left = {str(path.relative_to(checkout)) for path in checkout.rglob("*.ipynb") if folder not in path.parents}
    assert left == {"notebooks/a.ipynb", "notebooks/solutions/b é.ipynb"}
    assert (checkout / "notebooks" / "a.ipynb").read_text() == "as committed" and not (checkout / "outputs").exists()


def test_no_checkout_is_told(tmp_path):
    with pytest.raises(RuntimeError, match="Copy the repository anew"):
        classroom.reset(tmp_path)
