"""Run a page as a test: once for each class of tests, at smoke scale, into a folder of its own."""

import nbformat
import numpy as np
import papermill
import rules

from ganinv_keras.data import load_images
from ganinv_keras.measures import features, metrics

NOTEBOOKS = rules.ROOT / "notebooks"


def execute(path, folder, **parameters):
    """Run a page; an unknown parameter, which papermill only warns of, is an error."""
    known = papermill.inspect_notebook(path)
    if unknown := set(parameters) - set(known):
        raise ValueError(f"{path.name} has no parameter {', '.join(unknown)}; it has {', '.join(known)}")
    return papermill.execute_notebook(
        path, folder / path.name, parameters, kernel_name="python3", cwd=path.parent, execution_timeout=600,
        progress_bar=False, log_output=False,
    )  # fmt: skip


def marked(notebook):
    """Return what each cell tagged `nbval-check-output` shows as text. (A kernel may send a line in several parts.)"""
    cells = [cell for cell in rules.code(notebook) if "nbval-check-output" in cell.metadata.get("tags", ())]
    shown = [[output.get("text") or output.data.get("text/plain") for output in cell.outputs] for cell in cells]
    return ["".join(parts) for parts in shown]


class Page:
    """Tests of one page, which the fixtures `executed` and `results` of conftest.py run.

    Attributes:
        page: its number, with which the name of the notebook begins.
        parameters: values for its cell tagged `parameters`, beside `scale="smoke"`.
    """

    page = None
    parameters = {}

    def test_marked_cells_print_what_is_committed(self, executed):
        path, notebook, results = executed
        shown, committed = marked(notebook), marked(nbformat.read(path, as_version=4))
        assert shown == committed, f"{shown}, but committed are {committed}"
        assert results["scale"] == "smoke"

    def test_the_exercises_wait_for_their_reader(self, executed):
        printed = "".join(rules.printed(executed[1]))
        assert "○" in printed and "✓" not in printed and "✗" not in printed


def black(images):
    """Return the mean absolute error of an image that is black, whatever the image is."""
    return float(images.mean())


def black_fid(name, n):
    """Return the Fréchet distance of n black images from n training images, by the course's features."""
    images, network = load_images(name, "train", verbose=False), features.load(name)
    seen = network(images[np.random.default_rng(0).permutation(len(images))[:n]].at(32).images).numpy()
    return metrics.fid(network(np.zeros((n, *network.input_shape[1:]), "float32")).numpy(), seen)
