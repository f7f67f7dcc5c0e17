"""A small course is built into a site, which is read as HTML."""

import json
import re
import shutil
from html.parser import HTMLParser
from importlib.util import find_spec

import pytest
from small_course import write_notebook

from ganinv_keras.course import site

pytestmark = pytest.mark.filterwarnings("ignore:.*Sphinx API modifications")  # of MyST-Parser


@pytest.fixture
def copy(course, tmp_path):
    return shutil.copytree(course, tmp_path / "course")


class Tags(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.found = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def all(self, tag, name):
        return [attributes.get(name) for found, attributes in self.found if found == tag]


def test_every_picture_has_its_own_text_or_names_its_section(built):
    generic = "Figure under 'Pictures of x'"
    assert Tags(built / "notebooks/00_first.html").all("img", "alt") == [
        generic, generic, "A black square", "A line that rises."]  # fmt: skip
    assert Tags(built / "index.html").all("img", "alt") == ["A film that flickers"]
    assert Tags(built / "assets/README.html").all("img", "alt") == ["The film, small"]


def test_dead_bars_and_reprs_are_gone(built):
    html = (built / "notebooks/00_first.html").read_text()
    assert not re.search(r"\| 0/9|IPython Image|Figure size|model_id", html)


def test_links_hold_on_the_site(built):
    links = Tags(built / "index.html").all("a", "href")
    assert {"notebooks/00_first.html", "notebooks/solutions/index.html", "assets/README.html"} <= set(links)
    assert [(built / link).read_text() for link in links if link.endswith("LICENSE")] == ["Do as you like.\n"]
    links = Tags(built / "notebooks/00_first.html").all("a", "href")
    assert {"../index.html", "01_second.html", "solutions/00_first.html"} <= set(links)
    assert "../index.html#a-small-course" in Tags(built / "assets/README.html").all("a", "href")


def test_pages_follow_one_another_and_are_found(built):
    links = dict(zip(*(Tags(built / "notebooks/01_second.html").all("link", name) for name in ("rel", "href")),
                     strict=True))  # fmt: skip
    assert links["prev"] == "00_first.html" and links["next"] == "solutions/index.html"
    titles = json.loads(re.search(r'"titles": ?(\[.*?\])', (built / "searchindex.js").read_text())[1])
    assert {"00 First", "01 Second", "00 First: answers", "A small course", "Data"} <= set(titles)


def test_nothing_is_loaded_from_another_host(built):
    for page in built.rglob("*.html"):
        tags = Tags(page)
        loaded = [
            value for tag in ("script", "link", "img") for name in ("src", "href") for value in tags.all(tag, name)
        ]
        assert not [value for value in loaded if value and re.match("(https?:)?//", value)], page
    assert (built / "_static/mathjax/tex-svg-full.js").stat().st_size > 2e6


def test_slides_follow_the_metadata(built):
    page = Tags(built / "slides/00_first.html")
    sections = [attributes for tag, attributes in page.found if tag == "section"]
    assert len(sections) == 5  # two slides, the second of two parts, and each part is a section in a section
    assert len([name for name in page.all("div", "class") if name == "fragment"]) == 1
    assert len(page.all("aside", "class")) == 1
    assert "../notebooks/01_second.html" in page.all("a", "href")
    html = (built / "slides/00_first.html").read_text()
    assert "show()" not in re.sub(r"(?s)<aside.*?</aside>", "", html) and "bar()" not in html
    assert "00_first.html" in Tags(built / "slides/index.html").all("a", "href")


def test_a_broken_page_is_named_and_leaves_the_site_as_it_was(copy, tmp_path):
    out = tmp_path / "site"
    site.build(out, copy)
    write_notebook(copy / "notebooks/01_second.ipynb", "# 01 Second", "A [dead end](nowhere.ipynb).")
    with pytest.raises(ValueError, match=r"Mend these pages.*\n.*01_second\.ipynb, cell 2: .*nowhere\.ipynb"):
        site.build(out, copy)
    assert "It ends here." in (out / "notebooks/01_second.html").read_text()
    write_notebook(copy / "notebooks/01_second.ipynb", "# 01 Second", "It goes on.")
    site.build(out, copy)
    assert "It goes on." in (out / "notebooks/01_second.html").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "site"]


def test_an_output_that_needs_another_host_is_refused(copy, tmp_path):
    html = {"text/html": '<script src="https://cdn.example/plot.js"></script>', "text/plain": "plot"}
    write_notebook(copy / "notebooks/01_second.ipynb", "# 01 Second", ("plot()", html))
    with pytest.raises(ValueError, match=r"notebooks/01_second.html loads https://cdn.example/plot.js from another"):
        site.build(tmp_path / "site", copy)
    assert not (tmp_path / "site").exists()


def test_a_folder_that_is_no_site_is_left_alone(course, tmp_path):
    (tmp_path / "thesis.txt").write_text("three years")
    with pytest.raises(FileExistsError, match="is not a site that this command made"):
        site.build(tmp_path, course)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(FileNotFoundError, match="has no README.md or no notebooks"):
        site.build(tmp_path / "site", tmp_path)


def test_slides_of_a_course_without_any_are_refused(copy, tmp_path):
    write_notebook(copy / "notebooks/00_first.ipynb", "# 00 First")
    with pytest.raises(ValueError, match="No page has slides: give its cells a slide type"):
        site.build(tmp_path / "site", copy, slides=True)


def test_missing_packages_are_named(course, tmp_path, monkeypatch):
    monkeypatch.setattr(site, "find_spec", lambda name: None if name == "furo" else find_spec(name))
    with pytest.raises(ModuleNotFoundError, match="needs furo: pip install -r requirements-site.txt"):
        site.build(tmp_path / "site", course)


def test_a_page_that_was_run_stands_in_place_of_the_committed_one(copy, tmp_path):
    run = tmp_path / "01_second.ipynb"
    write_notebook(run, "# 01 Second\n\nIt was run by hand.")
    index = site.build(tmp_path / "site", copy, runs=[run])
    assert "It was run by hand." in (index.parent / "notebooks/01_second.html").read_text()
    with pytest.raises(FileNotFoundError, match=r"99.ipynb must be a notebook with the name of a page: notebooks/00_"):
        site.build(tmp_path / "site", copy, runs=[tmp_path / "99.ipynb"])
