"""The rules of committed pages: functions from a notebook to its offences, which are sentences."""

import ast
import importlib
import json
import re
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINE = (str(Path.home()), str(ROOT), "/home/", "/root/", "/tmp/", "/content/", "site-packages")
PICTURE = r"\.(?:png|jpe?g|gif|svg|webp|mp4)\b"
WIDGET = "application/vnd.jupyter.widget-view+json"


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def outputs(notebook):
    return [output for cell in code(notebook) for output in cell.outputs]


def shown(notebook):
    """Return the representations of each displayed output, mime type → content as text."""
    return [{mime: _text(content) for mime, content in output.data.items()}
            for output in outputs(notebook) if "data" in output]  # fmt: skip


def printed(notebook):
    """Return what each output prints as text."""
    return [_text(output["text"]) for output in outputs(notebook) if "text" in output]


def _text(content):
    return content if isinstance(content, str) else json.dumps(content)


class _Images(HTMLParser):
    """Collect the attributes of each `<img>` of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes))


def images_have_alternative_text(notebook):
    offences = [f"an output is {mime}: it reaches the reader without a description"
                for data in shown(notebook) for mime in data if mime.startswith("image/")]  # fmt: skip
    html = [data["text/html"] for data in shown(notebook) if "text/html" in data]
    texts = html + [cell.source for cell in prose(notebook)]
    offences += ["an <img> has no alt" for text in texts for image in _Images(text).found
                 if not (image.get("alt") or "").strip()]  # fmt: skip
    return offences + ["![]() has no text" for cell in prose(notebook) if re.search(r"!\[\s*\]", cell.source)]


def prose_names_no_file(notebook):
    source = "\n".join(cell.source for cell in prose(notebook))
    named = re.findall(r"!\[[^\]]*\]\((?!attachment:)([^)]*)\)", source)
    named += re.findall(rf"(?<!!)\[[^\]]*\]\(([^)]*{PICTURE}[^)]*)\)", source, re.IGNORECASE)
    named += [image.get("src", "") for image in _Images(source).found
              if not image.get("src", "").startswith(("data:", "attachment:"))]  # fmt: skip
    return [f"Markdown refers to {target}" for target in named]


def no_dead_progress_bar(notebook):
    offences = ["an output is a widget, dead without its kernel" for data in shown(notebook) if WIDGET in data]
    return offences + ["widget state in the metadata"] * ("widgets" in notebook.metadata)


def no_jpeg(notebook):
    held = [(mime, content) for data in shown(notebook) for mime, content in data.items()]
    held += [(mime, "") for cell in prose(notebook) for held in cell.get("attachments", {}).values() for mime in held]
    return [f"{mime} holds a JPEG" for mime, content in held if "image/jpeg" in mime or "data:image/jp" in content]


def no_dump(notebook):
    alone = [data["text/plain"] for data in shown(notebook) if list(data) == ["text/plain"]]
    lines = [line for text in printed(notebook) for line in text.splitlines()]
    offences = [text for text in alone if text.lstrip().startswith(("{", "<"))]
    offences += [line for line in alone + lines if re.search(r"<[\w.]+ .*\bat 0x[0-9a-f]+>", line)]
    return [f"a dump: {text[:60]}" for text in offences + [line for line in lines if re.match(r"\s*\{['\"]", line)]]


def code_cells_are_short(notebook):
    return [f"{len(lines)} lines, 15 are allowed: {lines[0]}" for cell in code(notebook)
            if len(lines := cell.source.splitlines()) > 15]  # fmt: skip


def prose_is_short(notebook):
    words = sum(len(cell.source.split()) for cell in prose(notebook))
    return [f"{words:,} words of Markdown, 3,000 are allowed"] * (words > 3000)


def parameters_are_flat_literals(notebook):
    tagged = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", ())]
    if len(tagged) != 1:
        return [f"{len(tagged)} cells are tagged parameters"]
    statements = ast.parse(tagged[0].source).body
    flat = all(isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant) for line in statements)
    return [] if statements and flat else ["the cell tagged parameters holds more than names and literals"]


def runs_from_top_to_bottom_once(notebook):
    counts = [cell.execution_count for cell in code(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"the execution counts are {counts}"]


def nothing_went_wrong(notebook):
    return [f"an output is {output.output_type} {output.get('name', '')}" for output in outputs(notebook)
            if output.output_type == "error" or output.get("name") == "stderr"]  # fmt: skip


def no_path_of_a_machine(notebook):
    text = json.dumps(notebook, ensure_ascii=False)
    return [f"{path} is a path of one machine" for path in MACHINE if path in text]


def small_enough(notebook):
    size = len(json.dumps(notebook, ensure_ascii=False).encode())
    return [f"{size:,} bytes"] * (size >= 2_500_000)


def begins_with_its_title(notebook):
    first = notebook.cells[0]
    return [] if first.cell_type == "markdown" and first.source.startswith("# ") else ["the first cell is no title"]


def needs_kernel_python3(notebook):
    return [] if notebook.metadata.get("kernelspec", {}).get("name") == "python3" else ["another kernel"]


def marks_are_tags(notebook):
    return [f"a mark for tools in sight: {mark}" for cell in code(notebook) for mark in ("NBVAL_", "PYTEST_VALIDATE")
            if mark in cell.source]  # fmt: skip


def links_to_its_neighbours(notebook, neighbours):
    source = "\n".join(cell.source for cell in prose(notebook))
    return [f"no link to {name}" for name in neighbours if f"]({name})" not in source]


def blocks_of_python_parse(notebook):
    blocks = [block for cell in prose(notebook) for block in re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)]
    return [f"a block is no Python: {block}" for block in blocks if not _parses(block)]


def _parses(source):
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def exercises_are_marked(notebook):
    """Tag the cells that check an exercise, so that what they print is compared with what is committed."""
    cells = [cell for cell in code(notebook) if re.search(r"^exercises\.check_\w+\(", cell.source, re.MULTILINE)]
    offences = ["no exercise is checked"] * (not cells)
    return offences + [f"no tag nbval-check-output: {cell.source.splitlines()[-1]}" for cell in cells
                       if "nbval-check-output" not in cell.metadata.get("tags", ())]  # fmt: skip


def names_what_is_there(notebook):
    """Import from the course, and name in prose, only modules and names that are there."""
    wanted = [
        (name, None) for cell in prose(notebook) for name in re.findall(r"\bganinv_keras(?:\.[a-z_]+)+", cell.source)
    ]
    for cell in code(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "ganinv_keras":
                wanted += [(node.module, alias.name) for alias in node.names]
    return [f"{module} has no {name or 'such module'}" for module, name in wanted if not _is_there(module, name)]


def _is_there(module, name):
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        return False
    return name is None or hasattr(found, name) or find_spec(f"{module}.{name}") is not None


EVERYWHERE = (
    no_dead_progress_bar, no_dump, runs_from_top_to_bottom_once, nothing_went_wrong, no_path_of_a_machine,
    small_enough, begins_with_its_title, needs_kernel_python3, marks_are_tags, exercises_are_marked,
    names_what_is_there, blocks_of_python_parse,
)  # fmt: skip
WITH_THE_KIT = (images_have_alternative_text, prose_names_no_file, no_jpeg)  # of pages and solutions
OF_PAGES = (code_cells_are_short, prose_is_short)  # that are built with the kit
