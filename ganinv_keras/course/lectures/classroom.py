"""Before a group comes, and after it has gone.

    python -m ganinv_keras.course.lectures.classroom check     is this laptop ready, offline? about a minute
    python -m ganinv_keras.course.lectures.classroom reset     put away what a group made, and restore the notebooks

`check` prints a line for each thing that the course needs, and what to do where it is missing; its exit code is 1 then.
`reset` deletes nothing: outputs and notebooks that were changed or added go into a folder of their own.
"""

import argparse
import datetime
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import papermill
import psutil
from jupyter_client.kernelspec import KernelSpecManager
from packaging.requirements import Requirement

from ganinv_keras import device, files, store

ROOT = files.ASSETS.parent
GIGABYTE = 1e9


class Missing(Exception):
    """What a laptop lacks. The message says what to do."""


def packages():
    """Look for each package of `requirements.txt`, in the version that it asks for."""
    wrong = []
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if not text or text.startswith("-"):
            continue
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            if wanted.name != "tensorflow":  # its builds for processors alone have another name
                wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            wrong.append(f"{wanted.name} {version} is not {wanted.specifier}")
    if wrong:
        raise Missing(f"{'; '.join(wrong)}: pip install -r requirements.txt, or from a folder of wheels")
    return f"Python {sys.version.split()[0]} and all packages"


def weights():
    """Compare each file of weights with its sha256."""
    names = [path.stem for path in store.WEIGHTS.glob("*.npz")]
    for name in names:
        try:
            store.read(name, "python -m ganinv_keras.zoo.train")
        except (OSError, ValueError) as error:
            raise Missing(str(error)) from error
    if not names:
        raise Missing("assets/weights is empty: copy the whole repository")
    return f"{len(names)} files of weights"


def space():
    """Look for room on the disk and in the memory, and for a folder to write to."""
    try:
        folder = files.output_dir()
    except PermissionError as error:
        raise Missing(str(error)) from error
    disk, memory = shutil.disk_usage(folder).free / GIGABYTE, psutil.virtual_memory().available / GIGABYTE
    if disk < 1 or memory < 2:
        raise Missing(f"{disk:.1f} GB on the disk and {memory:.1f} GB of memory are free, 1 and 2 are needed: close "
                      "programs, or move files away")  # fmt: skip
    return f"{disk:.0f} GB of disk and {memory:.0f} GB of memory free, {device.device()}"


def kernel():
    """Look for Jupyter's kernel of this Python."""
    specs = KernelSpecManager().find_kernel_specs()
    if "python3" not in specs:
        raise Missing("Jupyter has no kernel python3: python -m ipykernel install --sys-prefix")
    return f"Jupyter's kernel in {specs['python3']}"


def page():
    """Run the first page at the smallest scale."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        try:
            papermill.execute_notebook(ROOT / "notebooks" / "00_start_here.ipynb", Path(folder) / "00.ipynb",
                                       {"scale": "smoke"}, progress_bar=False, kernel_name="python3",
                                       cwd=ROOT / "notebooks", execution_timeout=600)  # fmt: skip
        except Exception as error:  # whatever a page, a kernel or papermill may raise
            raise Missing(f"page 00 stopped: {str(error).strip().splitlines()[-1]}") from error
    return f"page 00 runs, in {time.perf_counter() - started:.0f} s at the smallest scale"


CHECKS = (packages, weights, space, kernel, page)


def check():
    """Print a line for each of `CHECKS`, and return whether all is well."""
    lacking = 0
    for look in CHECKS:
        try:
            print(f"✓ {look()}", flush=True)
        except Missing as missing:
            lacking += 1
            print(f"✗ {look.__name__}: {missing}", flush=True)
    print("This laptop is ready." if not lacking else f"This laptop is not ready: see the {lacking} lines with ✗.")
    return not lacking


def reset(root=ROOT):
    """Move what a group made into a folder beside `outputs/`, and restore the notebooks by git.

    Args:
        root: the checkout. Defaults to that of this module.

    Returns:
        The folder, or None if there was nothing to move.

    Raises:
        RuntimeError: if this is no git checkout, from which notebooks can be restored.
    """

    def git(*arguments):
        ran = subprocess.run(
            ["git", "-C", root, "-c", "core.quotePath=off", *arguments], capture_output=True, text=True
        )
        if ran.returncode:
            raise RuntimeError(f"Notebooks cannot be restored by git: {ran.stderr.strip()}. Copy the repository anew.")
        return ran.stdout.splitlines()

    changed = git("diff", "HEAD", "--name-only", "--diff-filter=d", "--", "notebooks")
    added = git("ls-files", "--others", "--exclude-standard", "--", "notebooks")
    outputs = root / "outputs"
    made = [path for path in outputs.iterdir() if path.name != ".writable"] if outputs.is_dir() else []
    if changed or added or made:
        folder = root / f"outputs-{datetime.datetime.now():%Y-%m-%d-%H%M%S}"
        for name in [*changed, *added]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
        if outputs.is_dir():
            shutil.move(outputs, folder / "outputs")
    git("checkout", "HEAD", "--", "notebooks")
    for name in added:
        (root / name).unlink()
    return folder if changed or added or made else None


def main():
    """Read the command line, and check or reset."""
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.course.lectures.classroom", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("command", choices=("check", "reset"))
    sys.stdout.reconfigure(errors="replace")
    if parser.parse_args().command == "check":
        sys.exit(0 if check() else 1)
    try:
        folder = reset()
    except RuntimeError as error:
        parser.error(str(error))
    print(f"What the group made is in {folder}." if folder else "There was nothing to put away.")


if __name__ == "__main__":
    main()
