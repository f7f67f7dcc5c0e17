import pytest

from ganinv_keras import files


def test_write_whole_leaves_the_old_file_when_writing_fails(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half_way(temporary):
        temporary.write_text("ne")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        files.write_whole(path, half_way)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_unwritable_folders_are_named(tmp_path, monkeypatch):
    not_a_folder = tmp_path / "file"
    not_a_folder.touch()
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(not_a_folder / "outputs"))
    with pytest.raises(PermissionError, match="set GANINV_OUTPUT_DIR to a folder of yours"):
        files.output_dir()
    with pytest.raises(PermissionError, match=r"Cannot write .*: its folder is missing, read-only or full"):
        files.write_whole(tmp_path / "missing" / "a.txt", lambda p: p.write_text("a"))
