"""What lecturers plan with follows from the pages, and has everything for each of them."""

import re

import pytest
from nbformat import v4

from ganinv_keras import files
from ganinv_keras.course.lectures import plan

TEACHING = files.ASSETS / "teaching"
PAGES = sorted((files.ASSETS.parent / "notebooks").glob("*.ipynb"))


def cell(text, slide="slide", html=0):
    if html:
        outputs = [v4.new_output("display_data", {"text/html": "<img>"})] * html
        return v4.new_code_cell(text, outputs=outputs, metadata={"slideshow": {"slide_type": slide}})
    return v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": slide}})


def test_minutes_follow_from_words_pictures_and_questions():
    words = " ".join(["word"] * 118)
    notebook = v4.new_notebook(cells=[
        cell(f"# Title\n\n{words}"), cell("show()", html=2), cell(f"## Next\n\n{words}", "skip"),
        cell(f"{words} Before you\n\n## Last one\n\nBefore you run it: what?"), cell("draw()", "skip", html=4),
    ])  # fmt: skip
    frame = plan.sections(notebook)
    assert list(frame.index) == ["Opening", "Next", "Last one"]
    assert frame.loc["Opening"].tolist() == pytest.approx([120 / 120 + 1.5, 120 / 120 + 1.5, 0])
    assert frame.loc["Next"].tolist() == pytest.approx([1.0, 2.0, 0])
    assert frame.loc["Last one"].tolist() == pytest.approx([8 / 120 + 2, 8 / 120 + 2 + 3, 1])


def test_the_plan_is_that_of_the_committed_pages():
    assert (TEACHING / "plan.md").read_text("utf-8") == plan.plan(), "run python -m ganinv_keras.course.lectures.plan"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name.split("_")[0])
def test_a_page_has_three_stops_and_a_quiz(path):
    number = path.name.split("_")[0]
    (text,) = re.findall(rf"(?ms)^## {number} .+?(?=^## |\Z)", (TEACHING / "questions.md").read_text("utf-8"))
    stops = re.findall(r"(?m)^\d\. (.+)$", text)
    assert len(stops) == 3
    for stop in stops:
        assert sum(map(int, re.findall(r"(\d+) %[;.]", stop))) == 100 and re.search(r"\*\*.+?\*\* \d+ %", stop), stop
    quiz, answers = re.search(r"\*\*Quiz\.\*\* (.+)", text)[1], re.search(r"\*Answers:\* (.+)", text)[1]
    assert re.findall(r"\(([a-z])\) ", quiz) == re.findall(r"(?<!\w)\(([a-d])\) ", answers) == list("abcd")


def test_the_printed_formulas_have_two_pages():
    assert len(re.findall(rb"/Type\s*/Page\b", (TEACHING / "handout.pdf").read_bytes())) == 2
