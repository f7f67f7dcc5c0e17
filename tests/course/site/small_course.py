"""What a small course is made of."""

import base64
import io

import matplotlib.pyplot as plt
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from ganinv_keras.course import figures


def picture(kind, **options):
    """Return a picture of one or two frames, black and white, in base64."""
    frames, buffer = [Image.new("L", (64, 64), value) for value in (0, 255)], io.BytesIO()
    frames[0].save(buffer, kind, **options | ({"append_images": frames[1:]} if "save_all" in options else {}))
    return base64.b64encode(buffer.getvalue()).decode()


def film():
    """Return the HTML of a player of three frames."""
    shown, frames = [], []
    for height in range(3):
        figure, axes = plt.subplots(figsize=(2, 1))
        axes.plot([0, height])
        frames.append(figure)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "display", lambda html: shown.append(html.data))
        figures.player(frames, "A line that rises.")
    return shown[0]


def write_notebook(path, *cells):
    """Write a notebook whose cells are Markdown (text) or pairs of code and the MIME bundles that it shows."""
    notebook = new_notebook(metadata={"language_info": {"name": "python"}})
    for cell in cells:
        if isinstance(cell, str):
            notebook.cells.append(new_markdown_cell(cell))
        else:
            outputs = [new_output("display_data", data) for data in cell[1:]]
            notebook.cells.append(new_code_cell(cell[0], outputs=outputs, execution_count=1))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return notebook
