import os
import resource
import threading

import numpy as np
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


def refuse(*arguments, **keywords):
    raise OSError("Permission denied")


def test_unwritable_folders_are_named(tmp_path, monkeypatch):
    not_a_folder = tmp_path / "file"
    not_a_folder.touch()
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(not_a_folder / "outputs"))
    with pytest.raises(PermissionError, match="set GANINV_OUTPUT_DIR to a folder of yours"):
        files.output_dir()
    with monkeypatch.context() as folder_of_another, pytest.raises(PermissionError, match="set GANINV_OUTPUT_DIR to"):
        folder_of_another.setattr(type(tmp_path), "touch", refuse)
        folder_of_another.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
        files.output_dir()
    for folder in (tmp_path / "missing", not_a_folder):
        with pytest.raises(PermissionError, match=r"Cannot write .*: its folder is missing, read-only or full \([NI]"):
            files.write_whole(folder / "a.txt", lambda p: p.write_text("a"))


def test_what_ships_lies_beside_the_module():
    assert (files.ASSETS / "weights" / "SHA256SUMS").is_file()


def test_output_goes_where_the_variable_says_or_beside_the_assets(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GANINV_OUTPUT_DIR", "~/deep/outputs")
    assert files.output_dir() == files.output_dir() == tmp_path / "deep" / "outputs"
    monkeypatch.setenv("GANINV_OUTPUT_DIR", "")
    monkeypatch.setattr(files, "ASSETS", tmp_path / "assets")
    assert files.output_dir() == tmp_path / "outputs" and (tmp_path / "outputs").is_dir()


@pytest.mark.parametrize("name", ["a.npz", "a.txt"])
def test_a_full_disk_keeps_the_old_file(tmp_path, name):
    path, numbers = tmp_path / name, np.random.default_rng(0).random(10_000)

    def write(temporary):
        if name == "a.npz":
            np.savez_compressed(temporary, numbers=numbers)
        else:
            temporary.write_text(str(numbers.tolist()))

    path.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(PermissionError, match=r"Cannot write .*full \(File too large\)\. Choose another folder"):
            files.write_whole(path, write)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    files.write_whole(path, write)
    assert path.stat().st_size > 10_000


def killed_while_writing(path):
    """Write half of a file in a process that is then gone, and return its id."""
    process = os.fork()
    if process == 0:
        files.write_whole(path, lambda temporary: (temporary.write_text("ha"), os._exit(1)))
    os.waitpid(process, 0)
    return process


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    dead = killed_while_writing(path)
    (left,) = set(tmp_path.iterdir()) - {path}
    assert f"-{dead}-" in left.name and left.name.endswith("-a.txt") and path.read_text() == "old"
    here = left.name[1:].split("-")[0]
    others = [
        f".{here}-{os.getppid()}-1-a.txt",  # of a process that lives
        f".elsewhere-{dead}-1-a.txt",  # of another machine
        f".{here}-{dead}-1-b.txt", f".{here}-{dead}-1-aXtxt", f".{here}-{dead}-a.txt", f"{here}-{dead}-1-a.txt",
        f".{here}-{dead}-1-a.txt.bak", f".{here}-{10**12}-1-a.txt",
    ]  # fmt: skip
    for other in others:
        (tmp_path / other).touch()
    files.write_whole(path, lambda temporary: temporary.write_text("new"))
    assert path.read_text() == "new"
    assert {file.name for file in tmp_path.iterdir()} == {"a.txt", *others}


def test_no_two_threads_share_a_temporary_file(tmp_path):
    path, names, both = tmp_path / "a.txt", [], threading.Barrier(2)

    def write(temporary):
        names.append(temporary.name)
        both.wait(10)
        temporary.write_text(temporary.name)
        both.wait(10)

    threads = [threading.Thread(target=files.write_whole, args=(path, write)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 2 and all(f"-{os.getpid()}-" in name for name in names)
    assert path.read_text() in names and list(tmp_path.iterdir()) == [path]
