"""Where files lie, and files that are written whole or not at all."""

import os
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def output_dir():
    """Return the folder that pages write into: `$GANINV_OUTPUT_DIR`, else `outputs/` beside the README.

    Raises:
        PermissionError: if it cannot be written to; the message says what to set.
    """
    folder = Path(os.environ.get("GANINV_OUTPUT_DIR") or ASSETS.parent / "outputs")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
    except OSError as error:
        raise PermissionError(f"Cannot write to {folder}: set GANINV_OUTPUT_DIR to a folder of yours.") from error
    return folder


def write_whole(path, write):
    """Call `write(temporary_path)` and move the result to `path`: the file is there whole, or not at all.

    Args:
        path: the file to write; its folder must exist.
        write: a function that writes the file at the path it is given, which ends like `path`.

    Raises:
        PermissionError: if the folder is missing or cannot be written to.
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        write(temporary)
        temporary.replace(path)
    except OSError as error:
        raise PermissionError(f"Cannot write {path}: its folder is missing, read-only or full "
                              f"({error.strerror or error}). Choose another folder.") from error  # fmt: skip
    finally:
        temporary.unlink(missing_ok=True)
