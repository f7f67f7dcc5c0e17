import nbformat
import pytest
from nbformat import v4

from ganinv_keras.course import publish

METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "widgets": {}}
SHOW = """import os
print(n, *(os.environ["GANINV_" + name] for name in ("SCALE", "DATA_DIR")), os.environ["GANINV_RESULTS_DIR"][-14:])"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page with a parameter, and its solution; each prints what it sees of its surroundings."""
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path / "outputs"))
    parameters = v4.new_code_cell("n = 1", metadata={"tags": ["parameters"]})
    shown = v4.new_code_cell(SHOW)
    notebook = v4.new_notebook(cells=[parameters, shown], metadata=METADATA)
    (tmp_path / "solutions").mkdir()
    for path in (tmp_path / "09_x.ipynb", tmp_path / "solutions" / "09_x.ipynb"):
        nbformat.write(notebook, path)
    return tmp_path / "09_x.ipynb"


def printed(path):
    notebook = nbformat.read(path, as_version=4)
    assert "papermill" not in notebook.metadata and "widgets" not in notebook.metadata
    assert not any({"papermill", "execution"} & set(cell.metadata) for cell in notebook.cells)
    return notebook.cells[-1].outputs[0].text.split()


def test_a_page_and_its_solutions_are_run_on_what_ships(page, monkeypatch):
    monkeypatch.setenv("GANINV_DATA_DIR", "/somewhere")
    monkeypatch.setenv("GANINV_SCALE", "smoke")
    assert publish.publish(page) == [page, page.parent / "solutions" / page.name]
    assert all(
        printed(path) == ["1", "laptop", "assets/results"] for path in (page, page.parent / "solutions/09_x.ipynb")
    )
    assert publish.os.environ["GANINV_SCALE"] == "smoke" and "GANINV_RESULTS_DIR" not in publish.os.environ


def test_a_run_with_parameters_leaves_the_page_alone(page, monkeypatch):
    monkeypatch.setenv("GANINV_DATA_DIR", "/somewhere")
    before = page.read_bytes()
    (written,) = publish.publish(page, {"n": 2})
    assert written == page.parent / "outputs" / page.name and page.read_bytes() == before
    assert printed(written) == ["2", "laptop", "/somewhere", "assets/results"]
    with pytest.raises(ValueError, match="Unknown parameter 'm'. Known: n"):
        publish.publish(page, {"m": 2})


def test_a_widget_that_has_no_kernel_is_left_out(page):
    notebook = nbformat.read(page, as_version=4)
    notebook.cells.append(v4.new_code_cell("import ipywidgets\nprint(1)\nipywidgets.FloatSlider()"))
    nbformat.write(notebook, page)
    publish.publish(page)
    (output,) = nbformat.read(page, as_version=4).cells[-1].outputs
    assert output.text == "1\n"


def test_a_page_that_fails_stays_as_it_was(page):
    notebook = nbformat.read(page, as_version=4)
    notebook.cells.append(v4.new_code_cell("1 / 0"))
    nbformat.write(notebook, page)
    before = page.read_bytes()
    with pytest.raises(publish.papermill.exceptions.PapermillExecutionError, match="ZeroDivisionError"):
        publish.publish(page)
    assert page.read_bytes() == before


def test_a_page_that_is_not_there(capsys):
    with pytest.raises(ValueError, match="Unknown page '99'. Known: 00, 01, 02"):
        publish.main(["99"])
