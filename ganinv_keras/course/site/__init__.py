"""The course as static HTML that opens from a folder, without a network.

    python -m ganinv_keras.course.site OUT            README, pages, answers and assets/README.md
    python -m ganinv_keras.course.site OUT --slides   and slides of the pages whose cells have slide metadata
    python -m ganinv_keras.course.site OUT --page RUN one page as you have run it, in place of the committed one

Pages show the outputs that they were committed with: nothing is executed, and nothing is written but OUT.
"""

import tempfile
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ganinv_keras.course.site.render import run_sphinx, write_slides
from ganinv_keras.course.site.sources import write_sources
from ganinv_keras.files import ASSETS

PACKAGES = ("sphinx", "myst_nb", "furo", "sphinx_copybutton", "sphinx-mathjax-offline", "sphinx_revealjs", "nbconvert")
MARK = ".ganinv-site"  # a file in every folder that `build` made


def build(out, root=ASSETS.parent, slides=False, runs=()):
    """Build the site of a course into a folder, whole or not at all.

    Args:
        out: the folder; it may exist if it is empty or a site that `build` made, which is then replaced.
        root: the folder of README.md, `assets/README.md`, `notebooks/` and `notebooks/solutions/`. Defaults to the
            course's own.
        slides: also write `slides/NAME.html` for each page that has a cell with slide metadata. Defaults to no slides.
        runs: notebooks, each shown in place of the page of its name. Defaults to none.

    Returns:
        The path of the first page, `OUT/index.html`.

    Raises:
        ModuleNotFoundError: if a package of requirements-site.txt is missing.
        FileExistsError: if `out` holds something else than a site.
        FileNotFoundError: if `root` has no README.md or no notebooks, or a run is not there or no page's.
        ValueError: if a page is broken: Sphinx warns of it, it loads something from another host, or it links to what
            is not there.
    """
    if missing := [name for name in PACKAGES if find_spec(name) is None]:
        raise ModuleNotFoundError(f"The site needs {', '.join(missing)}: pip install -r requirements-site.txt")
    out, root = Path(out).absolute(), Path(root).resolve()
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise FileExistsError(f"{out} is not a site that this command made. Choose another folder, or delete it.")
    pages = sorted(path.relative_to(root).as_posix() for path in (root / "notebooks").glob("**/[!.]*.ipynb"))
    if not (root / "README.md").is_file() or not pages:
        raise FileNotFoundError(f"{root} has no README.md or no notebooks: name the folder of the course.")

    runs = {f"notebooks/{Path(run).name}": Path(run) for run in runs}
    if wrong := [str(run) for page, run in runs.items() if page not in pages or not run.is_file()]:
        raise FileNotFoundError(f"{', '.join(wrong)} must be a notebook with the name of a page: {', '.join(pages)}.")

    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
        source, site = Path(work, "source"), Path(work, "site")
        lectures = write_sources(root, source, pages, slides, runs)
        run_sphinx(source, site)
        write_slides(lectures, site)
        _check_files(site)
        (site / MARK).write_text("Made by python -m ganinv_keras.course.site, which may replace this folder.\n")
        if out.exists():
            out.rename(Path(work, "old"))
        site.rename(out)
    return out / "index.html"


class _Links(HTMLParser):
    """The addresses that a page loads and links to."""

    def __init__(self):
        super().__init__()
        self.loads, self.links = [], []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if value and name in ("src", "href", "poster", "data"):
                (self.links if tag == "a" else self.loads).append(value)


def _check_files(site):
    """Raise ValueError if a page of the site loads from another host, or names a file that is not there."""
    for page in site.glob("**/*.html"):
        found = _Links()
        found.feed(page.read_text(encoding="utf-8"))
        for address in found.loads + found.links:
            url, name = urlsplit(address), page.relative_to(site).as_posix()
            if url.scheme in ("http", "https") or url.netloc:
                if address in found.loads:
                    raise ValueError(f"{name} loads {address} from another host: show what it is for by "
                                     "ganinv_keras.course.figures, which needs none.")  # fmt: skip
            elif not url.scheme and url.path and not (page.parent / unquote(url.path)).exists():
                raise ValueError(f"{name} names {address}, which is not on the site: mend the link.")
