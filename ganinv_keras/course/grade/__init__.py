"""Grade students' notebooks: `python -m ganinv_keras.course.grade FOLDER [--out grades.csv] [--seconds 600]`.

Every notebook in the folder and below is run from top to bottom at smoke scale, in a process of its own, and becomes
one row of a CSV. Marks are not read from what a notebook prints: after each cell the grader calls the checks on the
functions that the cell has defined, and their verdicts come back through a file that only accepts a secret of this run.

A notebook costs its own row and nothing else when it is broken, loops for ever, prints without end, ends its process
or its parent, forks, takes much memory or disk, or deletes what lies around it: it works in a scratch copy, with
limits on time, memory (not on Windows) and files, and its processes are ended with it. It does not get the grader's
environment or network settings, the other notebooks are not in its folder, and all were read before the first ran.

It is not a prison. A notebook runs as you: it can open your files by their absolute paths, delete them, use sockets,
signal every process you own, or forge its own row by searching the memory of its interpreter. Grade students whom you
do not trust in a container or as a user of its own, and read the notebooks that surprise you.
"""

import time
from collections import Counter
from pathlib import Path

import nbformat
import pandas as pd

from ganinv_keras.course.exercises import CHECKS
from ganinv_keras.course.grade import sandbox
from ganinv_keras.files import write_whole

MARKS = ["right", "wrong", "untouched", "not reached"]
COLUMNS = ["file", "student", "page", *MARKS, "hints", "seconds", "error"]
LARGEST = 50 * 2**20


def grade(folder, out="grades.csv", seconds=600):
    """Grade every notebook of a folder, and write a CSV that is whole after each notebook.

    Every notebook is graded, whatever an earlier run has found; a CSV of that run is kept, with its date in its name.

    Args:
        folder: a folder of notebooks, or of one folder a student.
        out: the CSV to write. Defaults to `"grades.csv"` in the current folder.
        seconds: time limit of a notebook; a single cell or check is interrupted after a quarter of it. Defaults to 600.

    Returns:
        A DataFrame with a row for each notebook and the columns `COLUMNS`: exercises are named and separated by "; ".

    Raises:
        FileNotFoundError: if the folder is missing or has no notebook.
        PermissionError: if the CSV cannot be written.
    """
    folder, out = Path(folder), Path(out)
    paths = sorted(path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    if not paths:
        raise FileNotFoundError(f"There is no notebook in {folder}: give the folder that holds the .ipynb files.")
    if out.exists():
        kept = out.with_stem(f"{out.stem}-{time.strftime('%Y-%m-%d-%H%M%S', time.localtime(out.stat().st_mtime))}")
        print(f"{out.name} of an earlier run is kept as {out.replace(kept).name}.")
    submissions = [(path, *_read(path, folder)) for path in paths]
    rows = [row for _, row, _ in submissions]
    _write(rows, out)
    for path, row, cells in submissions:
        started = time.perf_counter()
        if cells is not None:
            nested = path.parent != folder
            try:
                _complete(row, *sandbox.run(cells, row["page"], path.parent if nested else None, seconds))
            except OSError as error:
                row["error"] = f"It cannot be run: {error}."
        row["seconds"] = round(time.perf_counter() - started, 1)
        table = _write(rows, out)
        print(*(f"{key}: {_cell(row[key])}" for key in ("file", *MARKS, "error") if row[key]), sep=" · ")
    return table


def _write(rows, out):
    table = pd.DataFrame([{key: _cell(value) for key, value in row.items()} for row in rows])
    write_whole(out, lambda path: table.to_csv(path, index=False, encoding="utf-8-sig"))  # Excel needs the signature
    return table


def _read(path, folder):
    """Return the row of a notebook before it has run, and its code cells `[source, tags]`, or None if it cannot run."""
    place = path.relative_to(folder)
    row = dict.fromkeys(COLUMNS, "") | {"file": place.as_posix(), "seconds": 0.0, "error": "Not graded yet."}
    row["student"] = place.parts[0] if len(place.parts) > 1 else place.stem
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            raise ValueError("it is a link, no file at all, or larger than 50 MB")
        notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
        cells = [[str(cell.source), list(cell.metadata.get("tags", []))]
                 for cell in notebook.cells if cell.cell_type == "code"]  # fmt: skip
        language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    except Exception as error:  # a notebook is any bytes at all
        row["error"] = f"This is no notebook that can be read: {type(error).__name__}, {error}"
        return row, None
    called = Counter(check.page for check in CHECKS for source, _ in cells if check.__name__ in source)
    if not called or language != "python":
        row["error"] = "It calls no check of the course." if not called else f"It is written in {language}, not Python."
        return row, None
    row["page"] = called.most_common(1)[0][0]
    row["not reached"] = "; ".join(_exercises(row["page"]))
    return row, cells


def _exercises(page):
    return [check.__name__.removeprefix("check_") for check in CHECKS if check.page == page]


def _cell(value):
    """Return a value for the CSV: text in one line, which no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    text = " ".join("".join(c if c.isprintable() else " " for c in value[:1000]).split())[:500]
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _complete(row, answers, stopped):
    """Fill the columns of a row from what the examiner answered, see `examiner.main`."""
    names = _exercises(row["page"])
    marks = {mark: [] for mark in MARKS}
    done = any("done" in answer for answer in answers)
    last = {name: answer for answer in answers for name in names if answer.get("exercise") == name}
    for name in names:
        mark = str(last[name].get("mark")) if name in last else "untouched" if done else "not reached"
        marks[mark if mark in marks else "not reached"].append(name)
    errors = [str(answer["error"]) for answer in answers if "error" in answer]
    if not done:
        cell = max([answer["cell"] for answer in answers if isinstance(answer.get("cell"), int)], default=0)
        errors = [f"{stopped} {f'in code cell {cell}' if cell else 'before its first cell'}.", *errors]
    row |= {mark: "; ".join(found) for mark, found in marks.items()}
    row["hints"] = " · ".join(f"{name}: {last[name].get('hint')}" for name in marks["wrong"])
    row["error"] = errors[0] if errors else ""
