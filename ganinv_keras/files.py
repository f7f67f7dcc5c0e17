"""Where files lie, and files that are written whole or not at all."""

import contextlib
import os
import platform
import re
import threading
from pathlib import Path

import psutil

ASSETS = Path(__file__).resolve().parent.parent / "assets"
MACHINE = re.sub(r"[^A-Za-z0-9]", "", platform.node())[:30]  # whose processes the numbers in temporary names are


def output_dir():
    """Return the folder that pages write into: `$GANINV_OUTPUT_DIR`, else `outputs/` beside the README.

    Raises:
        PermissionError: if it cannot be written to; the message says what to set.
    """
    folder = Path(os.environ.get("GANINV_OUTPUT_DIR") or ASSETS.parent / "outputs").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
    except OSError as error:
        raise PermissionError(f"Cannot write to {folder}: set GANINV_OUTPUT_DIR to a folder of yours.") from error
    return folder


def make_folder(folder):
    """Make a folder and those that it lies in, unless they are there, and return it as a `Path`.

    Raises:
        PermissionError: if that is not allowed, or a file is in the way.
    """
    folder = Path(folder).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PermissionError(f"Cannot make the folder {folder} ({error.strerror}): choose another.") from error
    return folder


def write_whole(path, write):
    """Call `write(temporary_path)` and move the result to `path`: the file is there whole, or not at all.

    What killed runs left of the same file is removed.

    Args:
        path: the file to write; its folder must exist.
        write: a function that writes the file at the path it is given, which ends like `path`. No other process or
            thread is given the same one.

    Raises:
        PermissionError: if the folder is missing or full, or cannot be written to. An older file stays as it was.
    """
    path = Path(path)
    remove_remains(path)
    temporary = path.with_name(f".{MACHINE}-{os.getpid()}-{threading.get_native_id()}-{path.name}")
    try:
        write(temporary)
        temporary.replace(path)
    except OSError as error:
        raise PermissionError(f"Cannot write {path}: its folder is missing, read-only or full "
                              f"({error.strerror or error}). Choose another folder.") from error  # fmt: skip
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def remove_remains(path):
    """Remove temporary files for `path` whose process on this machine is gone; where that is forbidden, they stay."""
    temporary = re.compile(rf"\.{MACHINE}-(\d{{1,9}})-\d+-{re.escape(path.name)}")
    with contextlib.suppress(OSError):
        for file in path.parent.iterdir():
            name = temporary.fullmatch(file.name)
            if name and not psutil.pid_exists(int(name[1])):
                file.unlink()
