"""A process for one notebook: its scratch folder, its environment, its limits, and its end."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from ganinv_keras.files import ASSETS

GB = 2**30
LIMITS = {"RLIMIT_AS": 8 * GB, "RLIMIT_FSIZE": GB, "RLIMIT_CORE": 0}
FOLDER_SIZE = 2 * GB
ANSWERS_SIZE = 2**24
START_SECONDS = 180
# What a process needs of the environment to start at all, on Linux, macOS and Windows.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "SYSTEMROOT", "SYSTEMDRIVE",
        "WINDIR", "COMSPEC", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA")  # fmt: skip
# The notebook's parent is a process that only waits: a notebook that ends its parent does not end the grader.
WAIT = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', sys.argv[1]]))"
EXAMINE = "from ganinv_keras.course.grade.examiner import main; main()"


def run(cells, page, belongings, seconds):
    """Run the code cells of a notebook in a process of its own, in a scratch folder, at smoke scale.

    Args:
        cells: a list of `[source, tags]`.
        page: number of the page whose exercises are checked, such as `"00"`.
        belongings: the folder that is copied to where the notebook runs, without its notebooks, or None.
        seconds: time limit, to which the start of the process does not count; a single cell or check is interrupted
            after a quarter of it.

    Returns:
        `(answers, stopped)`: the dictionaries that the examiner answered with, see `examiner.main`, and a clause that
        says why the process was stopped, or `"It ended its own process"`. What they hold is the notebook's word.

    Raises:
        OSError: if the folder cannot be copied.
    """
    secret = secrets.token_hex(16)
    task = {"cells": cells, "page": page, "secret": secret, "seconds": seconds / 4, "limits": LIMITS}
    with (
        tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as scratch,
        tempfile.TemporaryFile() as questions,
        tempfile.TemporaryFile() as answers,
    ):
        work = _furnish(Path(scratch), belongings)
        questions.write(json.dumps(task).encode())
        questions.seek(0)
        process = subprocess.Popen([sys.executable, "-c", WAIT, EXAMINE], stdin=questions, stdout=answers,
                                   stderr=subprocess.DEVNULL, cwd=work, env=_environment(Path(scratch)),
                                   start_new_session=True)  # fmt: skip
        try:
            stopped = _watch(process, answers, Path(scratch), seconds)
        finally:
            _end(process, Path(scratch))
        answers.seek(0)
        lines = answers.read(ANSWERS_SIZE).decode("utf-8", "replace").splitlines()
    return list(_trusted(lines, secret)), stopped


def _trusted(lines, secret):
    """Yield the dictionaries of those lines that begin with the secret."""
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            if line.startswith(secret) and isinstance(answer := json.loads(line.removeprefix(secret)), dict):
                yield answer


def _furnish(scratch, belongings):
    """Make the folders of a run, and return the one to run in.

    The first cell of a page looks for a folder `ganinv_keras`, and imports what lies beside it: an empty one will do,
    because the module has been imported by then.
    """
    work = scratch / "notebooks"
    if belongings is not None:
        if _size(belongings) > FOLDER_SIZE:
            raise OSError("it holds more than 2 GB")
        shutil.copytree(belongings, work, symlinks=True, ignore=shutil.ignore_patterns("*.ipynb", ".ipynb_checkpoints"))
    for folder in (work, scratch / "outputs", scratch / "tmp", scratch / "ganinv_keras"):
        folder.mkdir(exist_ok=True)
    return work


def _environment(scratch):
    environment = {key: os.environ[key] for key in KEPT if key in os.environ}
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP", "TFDS_DATA_DIR", "IPYTHONDIR"), str(scratch / "tmp"))
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    return environment | folders | nowhere | {key.lower(): value for key, value in nowhere.items()} | {
        "GANINV_OUTPUT_DIR": str(scratch / "outputs"), "GANINV_SCALE": "smoke", "GANINV_PRECISION": "float32",
        "TQDM_DISABLE": "1", "MPLBACKEND": "agg", "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONPATH": os.pathsep.join([str(ASSETS.parent), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }  # fmt: skip


def _watch(process, answers, scratch, seconds):
    """Wait until the process has ended, or has to be ended, and return why, as a clause."""
    begun, limit, since = False, START_SECONDS, time.monotonic()
    measured = since
    while process.poll() is None:
        now = time.monotonic()
        if not begun and os.fstat(answers.fileno()).st_size:
            begun, limit, since = True, seconds, now
        if now > since + limit:
            return f"It ran for longer than {limit:g} seconds and was stopped"
        if now > measured + 2:
            measured = now
            if _size(scratch) > FOLDER_SIZE:
                return "It wrote more than 2 GB and was stopped"
        time.sleep(0.1)
    return "It ended its own process"


def _size(folder):
    """Add up the sizes of files in bytes, and stop where they exceed `FOLDER_SIZE`."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
        if total > FOLDER_SIZE:
            break
    return total


def _end(process, scratch):
    """End a notebook's process group, and whatever else of its processes has its scratch folder in the environment."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    for _ in range(10):
        children = []
        for other in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if other.environ().get("GANINV_OUTPUT_DIR") == str(scratch / "outputs"):
                    other.kill()
                    children.append(other)
        if not children:
            break
        psutil.wait_procs(children, timeout=1)
    process.wait()
