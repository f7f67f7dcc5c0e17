"""HTML from the copied pages: the site by Sphinx, slides by nbconvert, both with the same MathJax and no other host."""

import copy
import io
import json
import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

MATHJAX = {
    "tex": {"inlineMath": [["$", "$"], ["\\(", "\\)"]], "processEscapes": True},
    "options": {"enableMenu": False},  # it would fetch what the one file leaves out
}
SPHINX = {
    "extensions": ["myst_nb", "sphinx_copybutton"],
    "myst_enable_extensions": ["amsmath", "dollarmath", "html_image"],
    "myst_heading_anchors": 4,
    "myst_mathjax_classes": "math|text_html",
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},
    "nb_render_markdown_format": "myst",
    "mathjax_path": "mathjax/tex-svg-full.js",
    "mathjax3_config": MATHJAX,
    "copybutton_selector": ".cell_input pre, .highlight-bash pre, .highlight-powershell pre, .highlight-python pre",
    "suppress_warnings": ["toc.not_included"],  # a Markdown file that a page links to
    "html_theme": "furo",
    "html_use_index": False,
    "html_css_files": ["course.css"],
    "html_copy_source": False,
    "html_show_copyright": False,
    "html_show_search_summary": False,  # a browser fetches no summary from file://
    "html_show_sphinx": False,
}
CSS = """
body { --mystnb-source-bg-color: var(--color-code-background); --mystnb-stdout-bg-color: transparent;
  --mystnb-source-border-color: transparent; --mystnb-stdout-border-color: transparent;
  --mystnb-source-margin-color: var(--color-brand-primary); }
.sidebar-drawer { width: max(15rem, 50% - 36rem); }
.main, .content { min-width: 0; }
.content { width: 65rem; padding: 0 1.25rem; }
.cell_output .highlight, .cell_output pre { background: transparent !important; }
.cell_output table { border: none; border-collapse: collapse; margin-left: 0; }
.cell_output table :is(th, td) { padding: 0.3em 0.8em; }
.cell_output .text_html { overflow-x: auto; }
.cell_output pre { white-space: pre-wrap; overflow-wrap: anywhere; }  /* as in JupyterLab */
.highlight .nn { text-decoration: none !important; }
article img { height: auto; border-radius: 0.25rem; background: white; }
@page { size: A4; margin: 11mm 13mm; }
@media print {
  .page, .main, .content { display: block; width: auto; padding: 0; }
  article { font-size: 9.2pt; line-height: 1.3; }
  article h1 { font-size: 15pt; margin: 0 0 4pt; }
  article h2 { font-size: 11pt; margin: 6pt 0 2pt; }
  article p, div.math { margin: 2pt 0; }
  a.headerlink, footer, .skip-to-content, .toc-drawer { display: none !important; }
}
"""
SLIDES = f"""{{%- extends 'index.html.j2' -%}}
{{%- block html_head_js -%}}{{%- endblock -%}}
{{%- block html_head_js_mathjax -%}}
<script>window.MathJax = {json.dumps(MATHJAX)}</script>
<script defer src="../_static/mathjax/tex-svg-full.js"></script>
{{%- endblock -%}}
{{%- block html_head_css -%}}
<style>
.reveal {{ --r-main-font-size: 28px; --r-heading-text-transform: none; }}
.reveal .slides section {{ text-align: left; max-height: 720px; overflow-y: auto; }}
</style>
{{%- endblock -%}}
{{%- block footer_js -%}}
<script src="../_static/revealjs/dist/reveal.js"></script>
<script src="../_static/revealjs/dist/notes.js"></script>
<script>Reveal.initialize({{width: 1280, height: 720, center: false, hash: true, slideNumber: "c/t",
                            transition: "none", plugins: [RevealNotes]}})
Reveal.on("fragmentshown", ({{fragment}}) => fragment.closest("section").scrollTop = fragment.offsetTop)</script>
{{%- endblock -%}}
"""


def run_sphinx(source, site):
    """Build the site from the tree at `source`.

    Raises:
        ValueError: if Sphinx has a warning; the message names page and cell.
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    (source / "_static/mathjax").mkdir(parents=True)
    (source / "_static/course.css").write_text(CSS)
    mathjax = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static/mathjax/tex-svg-full.js"
    shutil.copy(mathjax, source / "_static/mathjax")
    title = re.search(r"^# +(.+?) *$", (source / "index.md").read_text("utf-8"), re.MULTILINE)
    settings = copy.deepcopy(SPHINX) | {"html_title": title[1] if title else "Course", "html_static_path": ["_static"]}

    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(source, None, site, site.with_name("trees"), "html", settings, status=None, warning=warnings)
        app.set_html_assets_policy("always")  # formulas may stand in outputs alone
        app.build()
    if told := re.sub(r"\x1b\[[0-9;]*m", "", warnings.getvalue()).replace(f"{source}{os.sep}", "").strip():
        told = re.sub(r"(\.ipynb):(\d+)\d{4}:", r"\1, cell \2:", told)
        raise ValueError(f"The site was not built. Mend these pages first:\n{told}")


def write_slides(lectures, site):
    """Write `slides/NAME.html` for each page of a dictionary of notebooks, and the reveal.js that they share."""
    from nbconvert import SlidesExporter
    from sphinx_revealjs import __file__ as package

    if not lectures:
        return
    reveal, library = "_static/revealjs", Path(package).parent / "_static/revealjs"
    shutil.copytree(library / "dist", site / reveal / "dist", ignore=shutil.ignore_patterns("*.map", "*.esm.js"))
    shutil.copy(library / "plugin/notes/notes.js", site / reveal / "dist")
    exporter = SlidesExporter(raw_template=SLIDES, reveal_url_prefix=f"../{reveal}", reveal_theme="white",
                              exclude_input_prompt=True, exclude_output_prompt=True)  # fmt: skip
    (site / "slides").mkdir(exist_ok=True)
    for page, notebook in lectures.items():
        folder, name = Path(page).parent.as_posix(), Path(page).stem
        html, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": name}})
        html = re.sub(r'href="(?!\w+:)([^"#]+)\.(?:ipynb|md)', rf'href="../{folder}/\1.html', html)
        (site / f"slides/{name}.html").write_text(html, encoding="utf-8")
