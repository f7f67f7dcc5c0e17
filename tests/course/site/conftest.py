"""A small course, and its site."""

import base64
from importlib.util import find_spec

import nbformat
import pytest
from small_course import film, picture, write_notebook

from ganinv_keras.course import site


@pytest.fixture(scope="package")
def course(tmp_path_factory):
    """A course of two pages, one answer and a README, with everything that pages show."""
    if any(find_spec(name) is None for name in site.PACKAGES):
        pytest.skip("the site's packages are not installed: pip install -r requirements-site.txt")
    root = tmp_path_factory.mktemp("course")
    (root / "assets").mkdir()
    flicker = picture("GIF", save_all=True, duration=100, loop=0)
    (root / "assets/film.gif").write_bytes(base64.b64decode(flicker))
    (root / "LICENSE").write_text("Do as you like.\n")
    (root / "README.md").write_text(
        "# A small course\n\n![A film that flickers](assets/film.gif)\n\n"
        "Start at [the first](notebooks/00_first.ipynb), see [answers](notebooks/solutions), [data](assets/README.md), "
        "[papers](papers) and the [licence](LICENSE). Costs \\$5 for $z$.\n\n```bash\npip install it\n```\n"
    )
    (root / "papers").mkdir()
    (root / "assets/README.md").write_text(
        '# Data\n\n<img src="film.gif" alt="The film, small" width="32">\n\n'
        "Made for [the course](../README.md#a-small-course).\n"
    )
    notebook = write_notebook(
        root / "notebooks/00_first.ipynb",
        "# 00 First\n\nWhich $z$ made $x$?\n\n$$\\hat z = \\arg\\min_z \\|x - G(z)\\|^2$$",
        "## Pictures of `x`\n\n[home](../README.md), [second](01_second.ipynb), [answer](solutions/00_first.ipynb)",
        ("draw()", {"image/png": picture("PNG"), "text/plain": "<Figure size 640x480>"}),
        ("move()", {"image/gif": flicker, "text/plain": "<IPython Image>"}),
        ("show()", {"text/html": f'<img alt="A black square" src="data:image/png;base64,{picture("PNG")}">'}),
        ("bar()", {site.sources.WIDGET: {"model_id": "1"}, "text/plain": "  0%|          | 0/9"}),
        ("symbols()", {"text/markdown": "| Symbol |\n|:--|\n| $\\hat z$ |", "text/plain": "<Markdown>"}),
        ("table()", {"text/html": "<table><tr><td>$\\sqrt{E}$</td></tr></table>", "text/plain": "E"}),
        ("play()", {"text/html": film(), "text/plain": "<Film>"}),
    )
    for cell, kind in zip(notebook.cells, ("slide", "slide", "fragment", "subslide", "notes", "skip"), strict=False):
        cell.metadata["slideshow"] = {"slide_type": kind}
    nbformat.write(notebook, root / "notebooks/00_first.ipynb")
    write_notebook(root / "notebooks/01_second.ipynb", "# 01 Second\n\nIt ends here.")
    answers = write_notebook(root / "notebooks/solutions/00_first.ipynb", "# 00 First: answers\n\nForty-two.")
    answers.cells[0].metadata["slideshow"] = {"slide_type": "skip"}
    nbformat.write(answers, root / "notebooks/solutions/00_first.ipynb")
    return root


@pytest.fixture(scope="package")
def built(course, tmp_path_factory):
    before = sorted(course.rglob("*"))
    index = site.build(tmp_path_factory.mktemp("out") / "site", course, slides=True)
    assert sorted(course.rglob("*")) == before
    assert [path.name for path in index.parent.parent.iterdir()] == ["site"]
    return index.parent
