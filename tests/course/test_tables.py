import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from ganinv_keras.course import tables

FRAME = pd.DataFrame(
    {
        "MSE": [0.2004, 0.2001, 0.9, 0.0],
        "found (%)": [50.0, np.nan, 99.04, 10.0],
        "steps": [1000, 20, 3, 0],
        "note": ["<b>", "fast", "", ""],
    },
    index=["search", "encoder", "hybrid", "chance"],
)


def read(output):
    """Return a table's cells as text, those in bold, and the style sheet."""
    soup = BeautifulSoup(output.data, "html.parser")
    cells = [[cell.text.strip() for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")]
    return cells, [cell.text for cell in soup.find_all("b")], soup.style.text


def test_headers_have_arrows_and_the_best_as_shown_is_bold(shown):
    tables.table(FRAME, best={"MSE": "min", "found (%)": "max"}, digits={"found (%)": 1}, chance="chance")
    cells, best, _ = read(shown[0])
    assert cells[0] == ["", "MSE ↓", "found (%) ↑", "steps", "note"]
    assert cells[1] == ["search", "0.200", "50.0", "1,000", "<b>"]
    assert cells[2] == ["encoder", "0.200", "–", "20", "fast"]
    assert best == ["0.200", "0.200", "99.0"]  # equal to the digits shown; chance, although lowest, is not best


def test_one_direction_is_for_every_column_of_numbers(shown):
    tables.table(FRAME, best="max", digits={"MSE": "{:.1%}"})
    cells, best, _ = read(shown[0])
    assert cells[0] == ["", "MSE ↑", "found (%) ↑", "steps ↑", "note"]
    assert best == ["1,000", "90.0%", "99.040"]


def test_the_chance_row_is_italic_below_a_line_header_included(shown):
    tables.table(FRAME, chance="chance")
    style = " ".join(read(shown[0])[2].split())
    assert ".row3 { border-top: 1px solid; }" in style and ".row0" not in style
    italic = [cell.text for cell in BeautifulSoup(shown[0].data, "html.parser").find_all("em")]
    assert italic == ["chance", "0.000", "10.000", "0", ""]


def test_a_chance_row_on_top_has_no_line(shown):
    tables.table(FRAME, chance="search")
    assert ".row0 {" not in read(shown[0])[2]
    assert "<em>search</em>" in shown[0].data


def test_nothing_wraps_and_no_colour_is_fixed(shown):
    tables.table(FRAME, best="min", chance="chance", caption="A < B", marked="MSE")
    style = read(shown[0])[2]
    assert style.count("white-space: nowrap") == 3  # caption, th and td
    assert not any(word in style for word in ("#fff", "white;", "black", "background-color"))
    assert "A &lt; B</caption>" in shown[0].data


def test_rows_that_only_count_have_no_names(shown):
    tables.table(FRAME.reset_index(drop=True)[["steps"]])
    assert read(shown[0])[0] == [["steps"], ["1,000"], ["20"], ["3"], ["0"]]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"best": {"MSE": "least"}}, ValueError, "Unknown direction 'least'"),
        ({"best": {"mse": "min"}}, ValueError, "Unknown column 'mse'. Known: MSE, "),
        ({"digits": {"mse": 2}}, ValueError, "Unknown column 'mse'"),
        ({"marked": "mse"}, ValueError, "Unknown column 'mse'"),
        ({"chance": "chanse"}, ValueError, "Unknown row 'chanse'. Did you mean 'chance'?"),
        ({"best": {"note": "max"}}, TypeError, "Column 'note' holds .*, not numbers"),
    ],
)
def test_what_is_not_there_is_said(options, error, message):
    with pytest.raises(error, match=message):
        tables.table(FRAME, **options)


def test_names_must_be_their_own():
    with pytest.raises(ValueError, match="needs a name of its own"):
        tables.table(pd.concat([FRAME, FRAME]))


def test_symbols_are_a_markdown_table(shown):
    tables.symbols({"$z$": "latent,\n$z \\in [-1, 1]^d$", r"$\|z\|$": r"its norm $|z|$, a | b"})
    assert shown[0].data.splitlines() == [
        "| Symbol | Meaning |",
        "|:--|:--|",
        r"| $z$ | latent, $z \in [-1, 1]^d$ |",
        r"| $\Vert z\Vert $ | its norm $\vert z\vert $, a \| b |",
    ]


def test_a_table_shown_twice_is_the_same_to_the_letter(shown):
    for frame in (FRAME, FRAME, FRAME.iloc[::-1]):
        tables.table(frame)
    first, second, other = (html.data for html in shown)
    assert first == second != other


def test_braces_in_names_stay(shown):
    tables.table(pd.DataFrame({"√{E}": [1.0, 2.0]}, index=["a{b}", "c"]), best="min")
    assert "√{E} ↓" in shown[0].data and "a{b}" in shown[0].data
