"""Tables of a page: numbers with the best one bold, and the symbols that open it."""

import re
import zlib
from html import escape

import pandas as pd
from IPython.display import HTML, Markdown, display

from ganinv_keras.checks import check_name

ARROWS = {"min": "↓", "max": "↑"}
# Lines take the theme's colours, so that a table is right on a dark page, too. What carries meaning is a tag in the
# cells, `<b>` or `<em>`: JupyterLab drops style sheets from a page that is not yet trusted.
STYLES = [
    {"selector": "", "props": "border-collapse: collapse; margin: 0.5em 0; background: transparent"},
    {"selector": "caption", "props": "text-align: left; white-space: nowrap; padding: 0.3em 0.8em; color: inherit"},
    {"selector": "th, td", "props": "text-align: right; white-space: nowrap; padding: 0.3em 0.8em; border: none"},
    {"selector": "th.row_heading, th.blank, th.index_name", "props": "text-align: left"},
    {"selector": "thead tr:last-child th", "props": "border-bottom: 1px solid"},
]
WORDS = "text-align: left"
MARKED = "border-left: 2px solid; border-right: 2px solid"
RULED = "border-top: 1px solid"


def table(frame, best=None, digits=3, chance=None, caption=None, marked=None):
    """Show a DataFrame as a table that fits dark pages and light ones.

    Write names in words and Unicode, such as ẑ: what stands between dollars is not typeset.

    Args:
        frame: a DataFrame, its columns named with their units; the index names the rows, unless it only counts them.
        best: `"min"` or `"max"` for every column of numbers, or a dict from column to one of them. Each such header
            gets ↓ or ↑, and each best value is bold. Defaults to none.
        digits: digits after the point of floats, or a dict from column to a number of digits or to a format such as
            `"{:.1%}"`. Columns that it leaves out have 3. Defaults to 3.
        chance: the label of the row at chance level, or a list of labels: set apart, and never best. Defaults to none.
        caption: a line above the table. Defaults to none.
        marked: a column to set off in bold between lines. Defaults to none.

    Raises:
        ValueError: if a direction is unknown, a column or row is not there, or names occur twice.
        TypeError: if a column of which the best is asked does not hold numbers.
    """
    if not (frame.columns.is_unique and frame.index.is_unique and frame.columns.nlevels == 1):
        raise ValueError("Each row and each column of a table needs a name of its own, on one level.")
    chance = [] if chance is None else chance if isinstance(chance, list) else [chance]
    for row in chance:
        check_name(row, frame.index, "row")
    best = dict.fromkeys(frame.select_dtypes("number").columns, best) if isinstance(best, str) else best or {}
    digits = digits if isinstance(digits, dict) else dict.fromkeys(frame.columns, digits)
    for column in [*best, *digits, *([] if marked is None else [marked])]:
        check_name(column, frame.columns, "column")
    formats = {column: _format(digits.get(column, 3), frame[column]) for column in frame.columns}

    shown = pd.DataFrame({c: [_text(value, formats[c]) for value in frame[c]] for c in frame.columns}, frame.index)
    bold = pd.DataFrame(False, frame.index, frame.columns)
    for column, direction in best.items():
        check_name(direction, ARROWS, "direction")
        rivals = frame[column].drop(index=chance).dropna()
        if rivals.dtype.kind not in "iuf":
            raise TypeError(f"Column {column!r} holds {rivals.dtype}, not numbers: there is no best one.")
        if len(rivals):
            winner = _text(getattr(rivals, direction)(), formats[column])
            bold.loc[rivals.index, column] = shown.loc[rivals.index, column] == winner
    styles = {column: WORDS for column in frame.columns if formats[column] is None}
    if marked is not None:
        bold[marked] = True
        styles[marked] = f"{styles.get(marked, '')}; {MARKED}"
    ruled = {chance[0]: RULED} if chance and chance[0] != frame.index[0] else {}

    shown = shown.mask(bold, "<b>" + shown + "</b>")
    shown.loc[chance] = "<em>" + shown.loc[chance] + "</em>"
    rows = [f"<em>{_label(row)}</em>" if row in chance else _label(row) for row in frame.index]
    headers = [_label(f"{column} {ARROWS[best[column]]}" if column in best else column) for column in frame.columns]
    styler = shown.style.set_table_styles(STYLES).relabel_index(rows, axis=0).relabel_index(headers, axis=1)
    for axis, props in enumerate((styles, ruled)):
        selectors = {name: [{"selector": "", "props": css}] for name, css in props.items()}
        styler = styler.set_table_styles(selectors, axis=axis, overwrite=False)
    if caption:
        styler = styler.set_caption(escape(caption))
    if list(frame.index) == list(range(len(frame))):
        styler = styler.hide(axis="index")
    name = f"{zlib.crc32(frame.to_csv().encode()):08x}"  # not drawn at random: what a page shows twice is the same
    display(HTML(styler.to_html(table_uuid=name)))


def symbols(meanings):
    """Show the small table of symbols that opens a page.

    It is Markdown because whatever shows notebooks typesets the mathematics of a Markdown output; that of an HTML
    output stays as typed in some places.

    Args:
        meanings: a dict from a symbol such as `"$z$"` to what it means.
    """
    rows = [f"| {_cell(symbol)} | {_cell(meaning)} |" for symbol, meaning in meanings.items()]
    display(Markdown("\n".join(["| Symbol | Meaning |", "|:--|:--|", *rows])))


def _text(value, form):
    """Return a value as HTML: a dash if it is missing."""
    if pd.isna(value):
        return "–"
    return escape(str(value) if form is None else form.format(value))


def _label(name):
    """Return a row's or column's name as HTML, in which pandas formats braces."""
    return escape(str(name)).replace("{", "{{").replace("}", "}}")


def _cell(text):
    """Return text for a cell of a Markdown table, in which a bar, of mathematics too, would end the cell."""
    parts = re.split(r"(\$[^$]+\$)", " ".join(text.split()))
    parts[::2] = [words.replace("|", "\\|") for words in parts[::2]]
    parts[1::2] = [formula.replace(r"\|", r"\Vert ").replace("|", r"\vert ") for formula in parts[1::2]]
    return "".join(parts)


def _format(digits, values):
    """Return the format of a column's numbers: None for words."""
    if isinstance(digits, str):
        return digits
    return {"f": f"{{:,.{digits}f}}", "i": "{:,}", "u": "{:,}"}.get(values.dtype.kind)
