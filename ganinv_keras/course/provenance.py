"""What a committed page was made from, and which pages a change has made stale.

`publish` notes in a page's metadata each file of the course that the run read: modules, weights, data and stored
results, and the page's own code, each with a hash. Comments and docstrings of modules may change without making a page
stale. `python -m ganinv_keras.course.provenance` names the stale pages, and why; exit code 1 if there are any.
"""

import ast
import contextlib
import hashlib
import io
import os
import sys
import tempfile
import tokenize
from pathlib import Path

import nbformat

from ganinv_keras import files

ROOT = files.ASSETS.parent
KEY, FOLDERS = "ganinv_keras", ("ganinv_keras", "assets")
# Python runs a module of this name at its start, in every process of a page.
HOOK = """
import os, sys
def watch(log, root, seen=set()):
    def hook(event, arguments):
        if event == "open" and isinstance(arguments[0], str) and "w" not in str(arguments[1]):
            path = os.path.abspath(arguments[0])
            if path.startswith(root + os.sep) and path not in seen:
                seen.add(path)
                os.write(log, (path + "\\n").encode())
    return hook
log = os.open(os.environ["GANINV_READ"], os.O_WRONLY | os.O_APPEND)
sys.addaudithook(watch(log, os.environ["GANINV_ROOT"]))
"""


@contextlib.contextmanager
def watched(root=ROOT):
    """Watch which files of the course processes read that are started within: yields a function that lists them.

    Args:
        root: the course's folder. Defaults to this one.

    Yields:
        A function that returns the files read so far, paths relative to `root`, sorted.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "read")
        log.touch()
        Path(folder, "sitecustomize.py").write_text(HOOK, "utf-8")
        path = os.pathsep.join([folder, *filter(None, [os.environ.get("PYTHONPATH")])])
        os.environ.update(PYTHONPATH=path, GANINV_READ=str(log), GANINV_ROOT=str(root))
        try:
            yield lambda: _files(log.read_text("utf-8").splitlines(), root)
        finally:
            os.environ.clear()
            os.environ.update(before)


def _files(paths, root):
    """Return the course's files among paths: of a compiled module its source."""
    found = set()
    for path in map(Path, paths):
        if path.suffix == ".pyc":
            path = path.parent.parent / f"{path.name.split('.')[0]}.py"
        relative = path.relative_to(root)
        if relative.parts[0] in FOLDERS and path.is_file():
            found.add(relative.as_posix())
    return sorted(found)


def fingerprint(path):
    """Return a hash of a file, 16 digits: of a module's code, the same in every Python, of anything else's bytes."""
    content = Path(path).read_bytes()
    if Path(path).suffix == ".py":
        content = _code(content.decode()).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def _code(text):
    """Return the lines of a module without comments, docstrings, and lines that then are empty."""
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                docstring = node.body[0]
                lines[docstring.lineno - 1 : docstring.end_lineno] = [""] * (
                    1 + docstring.end_lineno - docstring.lineno
                )
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _own(notebook):
    """Return the hash of a page's code."""
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def stamp(notebook, read, root=ROOT):
    """Note in a page what it was made from.

    Args:
        notebook: the page, as `nbformat` reads it, executed.
        read: the files that the run read, relative to `root`.
        root: the course's folder. Defaults to this one.
    """
    notebook.metadata[KEY] = {"code": _own(notebook), "read": {file: fingerprint(root / file) for file in read}}


def reasons(notebook, root=ROOT):
    """Return why a page is stale, a list of sentences that is empty if it is not; `["it has no stamp"]` without one."""
    noted = notebook.metadata.get(KEY)
    if not noted:
        return ["it has no stamp"]
    found = [] if noted["code"] == _own(notebook) else ["its own code has changed"]
    for file, was in noted["read"].items():
        if not (root / file).is_file():
            found.append(f"{file} is gone")
        elif fingerprint(root / file) != was:
            found.append(f"{file} has changed")
    return found


def stale(root=ROOT):
    """Return the stale pages of a course and why: file name → sentences; solutions as `solutions/NAME`.

    Args:
        root: the course's folder. Defaults to this one.
    """
    folder, found = Path(root) / "notebooks", {}
    for path in sorted([*folder.glob("[!.]*.ipynb"), *folder.glob("solutions/[!.]*.ipynb")]):
        if why := reasons(nbformat.read(path, as_version=4), Path(root)):
            found[path.relative_to(folder).as_posix()] = why
    return found


def main():
    """Name the stale pages."""
    found = stale()
    for name, why in found.items():
        print(f"{name}: {'; '.join(why)}")
    numbers = sorted({Path(name).name.split("_")[0] for name in found})
    if numbers:
        sys.exit("run them again: " + "; ".join(f"python -m ganinv_keras.course.publish {n}" for n in numbers))


if __name__ == "__main__":
    main()
