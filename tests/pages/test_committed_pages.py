"""What is committed keeps the rules of a page: it reads the same in Jupyter, on Colab, on the site, on a projector."""

import json

import nbformat
import pytest
import rules

NOTEBOOKS = rules.ROOT / "notebooks"
PAGES = sorted(NOTEBOOKS.glob("*.ipynb"))
SOLUTIONS = sorted(NOTEBOOKS.glob("solutions/*.ipynb"))
KIT = ("00", "01", "02", "03", "03b", "04", "05", "06", "07", "08", "09")  # pages that are built with the page kit


def number(path):
    return path.name.split("_")[0]


def checks():
    """Yield each notebook with each rule that it is to keep."""
    for path in PAGES + SOLUTIONS:
        kept = list(rules.EVERYWHERE)
        if path in PAGES:
            kept.append(rules.parameters_are_flat_literals)
        if number(path) in KIT:
            kept += rules.WITH_THE_KIT + (rules.OF_PAGES if path in PAGES else ())
        name = f"{'solutions-' if path in SOLUTIONS else ''}{number(path)}"
        yield from (pytest.param(path, rule, id=f"{name}-{rule.__name__}") for rule in kept)


@pytest.mark.parametrize(("path", "rule"), list(checks()))
def test_a_rule_is_kept(path, rule):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert rule(notebook) == []


@pytest.mark.parametrize("path", [path for path in PAGES if number(path) in KIT], ids=number)
def test_a_page_links_to_the_one_before_and_the_one_after(path):
    place = PAGES.index(path)
    neighbours = [page.name for page in PAGES[max(0, place - 1) : place + 2] if page != path]
    assert rules.links_to_its_neighbours(nbformat.read(path, as_version=4), neighbours) == []


def test_every_page_has_its_solutions():
    assert [page.name for page in PAGES] == [page.name for page in SOLUTIONS]


@pytest.mark.parametrize("path", PAGES, ids=number)
def test_solutions_are_right_where_the_page_leaves_a_stub(path):
    said = {}
    for folder in (NOTEBOOKS, NOTEBOOKS / "solutions"):
        printed = "".join(rules.printed(nbformat.read(folder / path.name, as_version=4)))
        said[folder] = [line for line in printed.splitlines() if line[:1] in ("✓", "✗", "○")]
    stubs = [line.removeprefix("○ ").removesuffix(": yours to write.") for line in said[NOTEBOOKS]]
    assert stubs and said[NOTEBOOKS] == [f"○ {name}: yours to write." for name in stubs]
    assert said[NOTEBOOKS / "solutions"] == [f"✓ {name}: right." for name in stubs]


@pytest.mark.parametrize("path", PAGES, ids=number)
def test_a_page_was_committed_at_laptop_scale(path):
    results = json.loads((rules.ROOT / "assets" / "results" / f"{number(path)}.json").read_text())
    assert results["scale"] == "laptop"
