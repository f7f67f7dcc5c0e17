"""What Sphinx and nbconvert read: copies of pages whose links hold on the site, with pictures described."""

import base64
import os
import re
import shutil
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat

INDEX = {  # what a link means on the site
    "README.md": "index.md",
    ".": "index.md",
    "notebooks": "index.md",
    "notebooks/solutions": "notebooks/solutions/index.md",
    "assets": "assets/README.md",
    "assets/teaching": "assets/teaching/index.md",
}
IMAGES = ("image/svg+xml", "image/png", "image/gif", "image/jpeg")
WIDGET = "application/vnd.jupyter.widget-view+json"
LINK = re.compile(r'(\[[^\[\]]*\]\(|<img\b[^>]*?\bsrc=")([^()\s"]+)((?:\s+"[^"]*")?\)|")')


def write_sources(root, source, pages, slides, runs):
    """Write the tree that Sphinx reads, and return the notebooks that have slides, by page."""
    teaching = [path.relative_to(root).as_posix() for path in sorted((root / "assets/teaching").glob("*.md"))]
    others = ("README.md", "assets/README.md", "assets/recipes.md")
    documents = [*pages, *(page for page in others if (root / page).is_file()), *teaching]
    lectures = {}
    for page in documents:
        target = source / INDEX.get(page, page)
        target.parent.mkdir(parents=True, exist_ok=True)
        if page.endswith(".md"):
            target.write_text(_relink((root / page).read_text("utf-8"), page, root, source, documents), "utf-8")
            continue
        notebook = _make_static(nbformat.read(runs.get(page, root / page), as_version=4))
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = _relink(cell.source, page, root, source, documents)
        types = {cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells}
        if slides and types & {"slide", "subslide"}:
            lectures[page] = notebook
        nbformat.write(notebook, target)

    if slides and not lectures:
        raise ValueError("No page has slides: give its cells a slide type in JupyterLab's property inspector.")
    answers = [page for page in pages if page.startswith("notebooks/solutions/")]
    more = []
    if answers:
        _add(source / "notebooks/solutions/index.md", "# Answers to the exercises", _toctree(answers))
        more.append("Answers to the exercises </notebooks/solutions/index>")
    if "assets/README.md" in documents:
        more.append("Data, weights and results </assets/README>")
    if "assets/recipes.md" in documents:
        more.append("Recipes: paper and laptop </assets/recipes>")
    if lectures:
        names = [Path(page).stem for page in lectures]
        links = [f'<li><a href="{name}.html">{name.replace("_", " ")}</a></li>' for name in names]
        keys = "Space turns the page, Escape shows all pages, S opens the speaker's notes."
        _add(source / "slides/index.md", "# Slides", keys, f"<ul>{''.join(links)}</ul>")
        more.append("Slides </slides/index>")
    course = [page for page in pages if page not in answers]
    if teaching:
        _add(source / "assets/teaching/index.md", "# For lecturers", _toctree(teaching))
        more.append("For lecturers </assets/teaching/index>")
    _add(source / "index.md", _toctree(course, "Pages"), _toctree(more, "More"))
    return lectures


def _add(path, *paragraphs):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n\n".join(["", *paragraphs]))


def _toctree(entries, caption=None):
    options = f":hidden:\n:caption: {caption}\n" if caption else ""
    entries = "\n".join(entry if " " in entry else f"/{entry}" for entry in entries)
    return f"```{{toctree}}\n{options}\n{entries}\n```"


def _relink(text, page, root, source, documents):
    """Return Markdown whose links to pages and folders hold on the site, and copy the other files it links to."""

    def relink(match):
        before, target, after = match.groups()
        url = urlsplit(target)
        file = os.path.normpath(os.path.join(os.path.dirname(page), unquote(url.path))).replace(os.sep, "/")
        if url.scheme or not url.path or file.startswith("..") or not (root / file).exists():
            return match[0]
        if file not in INDEX and (root / file).is_dir():
            return before[1:-2]
        if file not in INDEX and file not in documents:
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / file, source / file)
        file = os.path.relpath(INDEX.get(file, file), os.path.dirname(page)).replace(os.sep, "/")
        return f"{before}{file}{'#' if url.fragment else ''}{url.fragment}{after}"

    return LINK.sub(relink, text)


def _make_static(notebook):
    """Return the notebook with each picture as an `<img>` that has alternative text, and without dead widgets."""
    heading = "the title"
    for cell in notebook.cells:
        for name, data in cell.pop("attachments", {}).items():
            kind = next(iter(data))
            cell.source = cell.source.replace(f"attachment:{name}", f"data:{kind};base64,{data[kind]}")
        if cell.cell_type == "markdown":
            for title in re.findall(r"^#+ +(.+?) *$", cell.source, re.MULTILINE):
                heading = re.sub(r"[*`$]", "", title)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if WIDGET not in output.get("data", {})]
            for output in cell.outputs:
                _describe(output, f"Figure under '{heading}'")
    return notebook


def _describe(output, alt):
    data = output.get("data", {})
    kind = next((kind for kind in IMAGES if kind in data), None)
    if kind and "text/html" not in data:
        content = base64.b64encode(data[kind].encode()).decode() if kind == IMAGES[0] else data[kind].replace("\n", "")
        width = output.metadata.get(kind, {}).get("width")
        data["text/html"] = f'<img{f" width={width}" if width else ""} src="data:{kind};base64,{content}">'
    if "text/html" in data:
        data["text/html"] = re.sub(r"<img\b(?![^>]*\balt=)", f'<img alt="{escape(alt)}"', data["text/html"])
