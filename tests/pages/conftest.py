"""A page runs once for all tests of a class."""

import json

import pytest
from running import NOTEBOOKS, execute


@pytest.fixture(scope="class")
def executed(request, tmp_path_factory):
    """Run the page of a class of tests; return its path, the executed notebook, and the results that it wrote."""
    (path,) = NOTEBOOKS.glob(f"{request.cls.page}_*.ipynb")
    folder = tmp_path_factory.mktemp(path.stem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANINV_OUTPUT_DIR", str(folder))
        notebook = execute(path, folder, scale="smoke", **request.cls.parameters)
    (written,) = folder.glob("*-smoke.json")
    return path, notebook, json.loads(written.read_text())


@pytest.fixture(scope="class")
def results(executed):
    return executed[2]
