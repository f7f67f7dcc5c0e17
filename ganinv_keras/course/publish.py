"""Run a page from top to bottom as it is committed: `python -m ganinv_keras.course.publish 02`.

A committed page is a run at laptop scale on what the repository ships, without progress bars, and only such a run
writes into `assets/results`. A page that can be run on other data takes parameters, as in
`python -m ganinv_keras.course.publish 04 -p faces celeb_a`, and then finds them in `$GANINV_DATA_DIR`: such a run
writes its results, and the page itself into `outputs/`.
"""

import argparse
import os
from pathlib import Path

import nbformat
import papermill

from ganinv_keras import files
from ganinv_keras.checks import check_name
from ganinv_keras.course import provenance
from ganinv_keras.course.site.sources import WIDGET

NOTEBOOKS = files.ASSETS.parent / "notebooks"


def publish(page, parameters=None):
    """Execute a page and its solutions, and write them back.

    Args:
        page: path of the notebook.
        parameters: name → value for the cell tagged `parameters`. With any, the page goes into `outputs/`, and its
            solutions are not run. Defaults to none.

    Returns:
        The paths of the notebooks written.

    Raises:
        ValueError: if the page has no parameter of that name.
        papermill.exceptions.PapermillExecutionError: if a cell raises. The page in the repository stays as it was.
    """
    parameters = parameters or {}
    known = papermill.inspect_notebook(page)
    for name in parameters:
        check_name(name, known, "parameter")
    settings = {"GANINV_SCALE": "laptop", "TQDM_DISABLE": "1", "GANINV_RESULTS_DIR": str(files.ASSETS / "results")}
    if not parameters:
        settings["GANINV_DATA_DIR"] = ""
    before = dict(os.environ)
    os.environ |= settings
    try:
        if parameters:
            return [_execute(page, files.output_dir() / page.name, parameters)]
        return [_execute(path, path, {}) for path in (page, page.parent / "solutions" / page.name) if path.exists()]
    finally:
        os.environ.clear()
        os.environ |= before


def _execute(source, target, parameters):
    """Run a notebook, drop what only says when it ran and widgets without a kernel, note what it read, and write it."""
    run = files.output_dir() / f"{source.stem}-run.ipynb"
    with provenance.watched() as read:
        papermill.execute_notebook(source, run, parameters, kernel_name="python3", cwd=source.parent)
        notebook = nbformat.read(run, as_version=4)
        provenance.stamp(notebook, read())
    for dated in ("papermill", "widgets"):
        notebook.metadata.pop(dated, None)
    for cell in notebook.cells:
        for dated in ("papermill", "execution"):
            cell.metadata.pop(dated, None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
    files.write_whole(target, lambda temporary: nbformat.write(notebook, temporary))
    run.unlink()
    return target


def main(arguments=None):
    """Read the command line: the number of a page, and any number of `-p NAME VALUE`."""
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.course.publish", description=__doc__.splitlines()[0])
    parser.add_argument("page", help="the number of a page, such as 02 or 03b")
    parser.add_argument("-p", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"), help="a parameter")
    chosen = parser.parse_args(arguments)
    pages = {path.name.split("_")[0]: path for path in NOTEBOOKS.glob("*.ipynb")}
    for path in publish(Path(pages[check_name(chosen.page, pages, "page")]), dict(chosen.p)):
        print(f"executed {path.name}")


if __name__ == "__main__":
    main()
