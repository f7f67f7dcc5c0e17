"""A small course of two pages: a change turns exactly those red that read the file."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from ganinv_keras.course import provenance

CODE = {"00": "import ganinv_keras.shared", "01": "import ganinv_keras.shared, ganinv_keras.own\nopen('weights.npz')"}


@pytest.fixture
def course(tmp_path):
    """Two pages with stamps: both import one module, the second also another one, and reads a file of weights."""
    for name in ("__init__", "shared", "own", "unused"):
        path = tmp_path / "ganinv_keras" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text('"""What it is."""\n\n\ndef f(x):\n    """Return it."""\n    return x + 1  # one more\n')
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/weights.npz").write_bytes(b"1234")
    (tmp_path / "notebooks").mkdir()
    for number, code in CODE.items():
        notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# A page"), v4.new_code_cell(code)])
        for _ in range(2):  # the second time the modules are compiled
            with provenance.watched(tmp_path) as read:
                path = os.pathsep.join([os.environ["PYTHONPATH"], str(tmp_path)])
                subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path / "assets",
                               env=os.environ | {"PYTHONPATH": path})  # fmt: skip
                files = read()
        provenance.stamp(notebook, files, tmp_path)
        nbformat.write(notebook, tmp_path / f"notebooks/{number}_page.ipynb")
    return tmp_path


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_a_page_reads_is_noted(course):
    noted = nbformat.read(course / "notebooks/01_page.ipynb", 4).metadata["ganinv_keras"]["read"]
    assert list(noted) == ["assets/weights.npz", "ganinv_keras/__init__.py", "ganinv_keras/own.py",
                           "ganinv_keras/shared.py"]  # fmt: skip
    assert provenance.stale(course) == {}


@pytest.mark.parametrize(("file", "pages"), [("shared", ["00_page.ipynb", "01_page.ipynb"]), ("own", ["01_page.ipynb"]),
                                             ("unused", [])])  # fmt: skip
def test_a_changed_token_turns_exactly_its_pages_red(course, file, pages):
    edit(course / f"ganinv_keras/{file}.py", "x + 1", "x + 2")
    assert provenance.stale(course) == {page: [f"ganinv_keras/{file}.py has changed"] for page in pages}


def test_comments_and_docstrings_do_not(course):
    edit(course / "ganinv_keras/shared.py", "# one more", "# the next")
    edit(course / "ganinv_keras/shared.py", "Return it.", "Return the next.")
    edit(course / "ganinv_keras/shared.py", "What it is.", "What it does.")
    assert provenance.stale(course) == {}


def test_weights_code_and_what_is_gone(course):
    (course / "assets/weights.npz").write_bytes(b"1235")
    (course / "ganinv_keras/own.py").unlink()
    edit(course / "notebooks/00_page.ipynb", "import ganinv_keras.shared", "import ganinv_keras.shared as s")
    assert provenance.stale(course) == {
        "00_page.ipynb": ["its own code has changed"],
        "01_page.ipynb": ["assets/weights.npz has changed", "ganinv_keras/own.py is gone"],
    }


def test_prose_may_change_and_a_page_without_a_stamp_is_named(course):
    edit(course / "notebooks/01_page.ipynb", "A page", "A better page")
    notebook = nbformat.read(course / "notebooks/00_page.ipynb", 4)
    del notebook.metadata["ganinv_keras"]
    nbformat.write(notebook, course / "notebooks/00_page.ipynb")
    assert provenance.stale(course) == {"00_page.ipynb": ["it has no stamp"]}
    assert "PYTHONPATH" not in os.environ or "read" not in os.environ["PYTHONPATH"]


def test_no_committed_page_is_stale():
    found = provenance.stale()
    assert not found, f"{found}: run python -m ganinv_keras.course.provenance, which says how to make them again"
