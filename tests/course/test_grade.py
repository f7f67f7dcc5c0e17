"""A folder of students' notebooks is graded row by row, and a broken or hostile notebook costs only its own."""

import os
import sys
import time

import pandas as pd
import psutil
import pytest
from nbformat import v4

from ganinv_keras.course import grade
from ganinv_keras.course.grade import examiner

HINGE = """
import numpy as np
from ganinv_keras.course import exercises

def hinge(real, fake):
    return np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(), -fake.mean()

exercises.check_hinge(hinge)
"""
LOWEST = """
from scipy.special import entr

def lowest_d_loss(p, q):
    return (entr(p) + entr(q) - entr(p + q)).sum()
"""
TRAINED = """
%matplotlib inline
from sklearn.linear_model import LogisticRegression

def trained_discriminator(real, fake):
    x = np.concatenate([real, fake])
    return LogisticRegression().fit(x, np.arange(len(x)) < len(real)).decision_function
"""
STUB = """
def trained_discriminator(real, fake):
    raise NotImplementedError
"""
WRONG = """
def lowest_d_loss(p, q):
    return np.log(4)
"""
CHEAT = """
import numpy as np
from ganinv_keras.course import exercises
from ganinv_keras.course.exercises import gan, report

print("✓ hinge: right.")
np.allclose = report.compare = gan.compare = lambda *args, **kwargs: True
exercises.check_hinge.judge = lambda attempt: report.Verdict("right", "")
exercises.check_hinge = lambda attempt: print("✓ hinge: right.")
exercises.check_hinge(None)

def hinge(real, fake):
    return 0.0, 0.0
"""
HOSTILE = """
import os, pathlib, shutil, signal, subprocess, sys, time
assert pathlib.Path("notes.txt").read_text() == "mine" and not list(pathlib.Path().glob("*.ipynb"))
assert "GRADER_TOKEN" not in os.environ
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)  # left by {mark}"], start_new_session=True)
for name in os.listdir():
    pathlib.Path(name).unlink()
print("x" * 10_000_000)
{last}
"""


def notebook(*sources, tags=()):
    cells = [v4.new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    return v4.writes(v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "gone", "display_name": "Gone"}}))


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, "utf-8")


def test_a_folder_is_graded_row_by_row(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_TOKEN", "secret")
    mark = f"{os.getpid()}-{time.time_ns()}"
    posix = sys.platform != "win32"
    write(tmp_path / "class", {
        "right.ipynb": notebook(HINGE, LOWEST, TRAINED),
        "half.ipynb": notebook("scale = 'paper'", HINGE, "undefined", WRONG, STUB, "assert scale == 'smoke'",
                               tags=["parameters"]),
        "broken.ipynb": notebook(HINGE)[:-20],
        "loop.ipynb": notebook("while True: pass", HINGE, "import time\nwhile True:\n    try: time.sleep(9)\n"
                               "    except BaseException: pass", LOWEST),
        "cheat.ipynb": notebook(CHEAT),
        "=SUM(A1).ipynb": notebook("print('no exercise')"),
        "carol/01.ipynb": notebook(HINGE, HOSTILE.format(mark=mark, last="os.kill(os.getppid(), signal.SIGKILL)\n"
                                                         "time.sleep(60)" if posix else "os._exit(0)"), LOWEST),
        "carol/notes.txt": "mine",
        "carol/seen.ipynb": "{}",
    })  # fmt: skip
    out = tmp_path / "grades.csv"
    out.write_text("of an earlier run")
    table = grade.grade(tmp_path / "class", out, seconds=8).set_index("file")

    assert pd.read_csv(out, keep_default_na=False).set_index("file").equals(table)
    assert [path.read_text() for path in tmp_path.glob("grades-*.csv")] == ["of an earlier run"]
    assert list(table.index) == sorted(["'=SUM(A1).ipynb", "broken.ipynb", "carol/01.ipynb", "carol/seen.ipynb",
                                        "cheat.ipynb", "half.ipynb", "loop.ipynb", "right.ipynb"])  # fmt: skip
    columns = ["student", "page", "right", "wrong", "untouched", "not reached"]
    everything = "hinge; lowest_d_loss; trained_discriminator"
    assert table.loc["right.ipynb", columns].tolist() == ["right", "01", everything, "", "", ""]
    assert table.loc["right.ipynb", ["hints", "error"]].tolist() == ["", ""]

    half = table.loc["half.ipynb"]
    assert half[columns[2:]].tolist() == ["hinge", "lowest_d_loss", "trained_discriminator", ""]
    assert half["error"] == "Code cell 3 stopped with NameError: name 'undefined' is not defined"
    assert half["hints"].startswith("lowest_d_loss: log 4 is left where p = q")

    assert table.loc["broken.ipynb", "error"].startswith("This is no notebook that can be read: ")
    assert table.loc["'=SUM(A1).ipynb", "error"] == "It calls no check of the course."

    loop = table.loc["loop.ipynb"]
    assert loop[columns[2:]].tolist() == ["hinge", "", "", "lowest_d_loss; trained_discriminator"]
    assert loop["error"] == "It ran for longer than 8 seconds and was stopped in code cell 3."

    cheat = table.loc["cheat.ipynb"]
    assert cheat[columns[2:]].tolist() == ["", "hinge", "lowest_d_loss; trained_discriminator", ""]

    carol = table.loc["carol/01.ipynb"]
    assert carol[["student", *columns[2:]]].tolist() == [
        "carol", "hinge", "", "", "lowest_d_loss; trained_discriminator"
    ]  # fmt: skip
    assert carol["error"] == "It ended its own process in code cell 2."
    assert (tmp_path / "class" / "carol" / "notes.txt").read_text() == "mine"
    assert not [p for p in psutil.process_iter(["cmdline"]) if f"left by {mark}" in " ".join(p.info["cmdline"] or [])]


def test_a_folder_without_notebooks_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="give the folder that holds"):
        grade.grade(tmp_path / "nothing", tmp_path / "grades.csv")


def test_a_row_survives_whatever_a_notebook_answers():
    row = dict.fromkeys(grade.COLUMNS, "") | {"page": "01"}
    forged = [{"exercise": ["hinge"]}, {"exercise": "hinge", "mark": ["right"]}, {"cell": "x"}, {"error": None}]
    grade._complete(row, forged, "It ended its own process")
    assert row["right"] == row["wrong"] == "" and row["not reached"] == "hinge; lowest_d_loss; trained_discriminator"
    assert row["error"] == "It ended its own process before its first cell."


def test_what_takes_too_long_is_interrupted():
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), examiner.limited(0.2):
        time.sleep(30)
    assert time.monotonic() - begun < 10
    with examiner.limited(30):
        pass
