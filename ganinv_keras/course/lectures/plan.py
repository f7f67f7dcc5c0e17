"""What a lecturer plans with: how long each section of each page takes, and a route of 45 and one of 90 minutes.

    python -m ganinv_keras.course.lectures.plan          writes assets/teaching/plan.md from the notebooks

Nobody was timed: a minute is 120 words of a page's prose, a figure or a table is looked at for 45 seconds, and two
minutes go to a question that the page asks before a cell.
"""

import re

import nbformat
import pandas as pd

from ganinv_keras import files

WORDS, PICTURE, QUESTION = 120, 0.75, 2.0  # words a minute; minutes
FIRST, LAST = "Opening", ("Exercises", "References")
EXERCISES = 20.0  # minutes for the first two of a page's ladder


def sections(notebook):
    """Return the sections of a page and their minutes, a DataFrame.

    Args:
        notebook: the page, as `nbformat` reads it, with its outputs.

    Returns:
        A DataFrame with the sections' titles as index, and the columns `slides`, minutes for what is on the page's
        slides, `all`, minutes for everything, and `questions`, how many the section asks.
    """
    rows, title = {FIRST: [0.0, 0.0, 0]}, FIRST
    for cell in notebook.cells:
        shown = cell.metadata.get("slideshow", {}).get("slide_type") != "skip"
        if cell.cell_type == "code":
            minutes = PICTURE * sum("text/html" in output.get("data", {}) for output in cell.outputs)
            rows[title] = [rows[title][0] + shown * minutes, rows[title][1] + minutes, rows[title][2]]
            continue
        for part in re.split(r"(?m)^(?=## )", cell.source):
            title = part[3:].splitlines()[0] if part.startswith("## ") else title
            asked = len(re.findall(r"Before you run", part))
            minutes = len(part.split()) / WORDS + QUESTION * asked
            before = rows.get(title, [0.0, 0.0, 0])
            rows[title] = [before[0] + shown * minutes, before[1] + minutes, before[2] + asked]
    return pd.DataFrame.from_dict(rows, "index", columns=["slides", "all", "questions"])


def aims(notebook):
    """Return what a page's table says that you will be able to do, or an empty text."""
    found = re.search(r"\*\*You will be able to\*\* \| (.+?) \|", "\n".join(cell.source for cell in notebook.cells))
    return found[1] if found else ""


def plan(root=files.ASSETS.parent):
    """Return the plan of all pages as Markdown.

    Args:
        root: the folder that holds `notebooks/`. Defaults to the course's own.
    """
    lines = [
        "# A plan for lectures", "",
        "Made from the pages by `python -m ganinv_keras.course.lectures.plan`. Nobody was timed: a minute is counted "
        f"as {WORDS} words of prose, a figure or a table as {PICTURE * 60:.0f} seconds, a question before a cell as "
        f"{QUESTION:.0f} minutes. How long the cells take stands at the head of each page: run it before.", "",
        "The **45-minute** route is the page's slides (`python -m ganinv_keras.course.site OUT --slides`), as many "
        "sections in their order as fit. The **90-minute** route is the whole page and the first two exercises, "
        f"{EXERCISES:.0f} minutes. [Questions to stop at, and a quiz](questions.md) · [faces, consent and "
        "bias](faces.md) · [projects](projects.md) · [formulas](handout.md), [as a PDF](handout.pdf)", "",
    ]  # fmt: skip
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        frame = sections(notebook)
        taught = frame[[not title.startswith(LAST) for title in frame.index]]
        short = taught[taught["slides"].cumsum() <= 45]
        left_out = [title for title in taught.index if title not in short.index]
        lines += [f"## {notebook.cells[0].source.splitlines()[0].removeprefix('# ')}", "",
                  f"*You will be able to* {aims(notebook)}", "" , "| section | slides | all | questions |",
                  "|---|---|---|---|"]  # fmt: skip
        lines += [f"| {title} | {row['slides']:.0f} | {row['all']:.0f} | {row['questions']:.0f} |"
                  for title, row in taught.iterrows()]  # fmt: skip
        lines += ["", f"45 minutes: {short['slides'].sum():.0f} for "
                  + ("all sections on the slides." if not left_out else f"all but *{'*, *'.join(left_out)}*.")
                  + f" 90 minutes: {taught['all'].sum() + EXERCISES:.0f}.", ""]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    path = files.make_folder(files.ASSETS / "teaching") / "plan.md"
    files.write_whole(path, lambda temporary: temporary.write_text(plan(), "utf-8"))
    print(path)
