"""With `train = True` a page trains its models itself: here its training cell takes a step for each, uncompiled."""

import re
import sys

import nbformat
import numpy as np
import pytest
import rules
import tensorflow as tf

from ganinv_keras.zoo import pretrained

NOTEBOOKS = rules.ROOT / "notebooks"
MODELS = {
    "04": ["avatars-gan", "avatars-aegan", "avatars-direct", "avatars-bigan", "avatars-from-edges",
           "avatars-from-coarse", "avatars-from-hole"],
    "05": ["mnist-dlsgan", "mnist-unscaled", "mnist-unread"],
    "06": ["mnist-direction", "mnist-gentle", "mnist-gentler", "mnist-undirected"],
}  # fmt: skip
USED = {"04": "avatars-gan", "05": "mnist-dlsgan", "06": "mnist-gentle"}  # whose generator the page then takes


@pytest.fixture
def uncompiled():
    level = tf.get_logger().level  # which the cell sets
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
    tf.get_logger().setLevel(level)


def training_cell(path):
    """Return the code of a page up to its settings, with `train = True`, and that of the cell that loads or trains."""
    cells = [cell.source for cell in rules.code(nbformat.read(path, as_version=4))]
    settings = next(i for i, source in enumerate(cells) if "settings.settings(" in source)
    (training,) = (source for source in cells if "load_or_train(" in source)
    before = re.sub(r"^train = False", "train = True", "\n".join(cells[: settings + 1]), flags=re.MULTILINE)
    return f"{before}\n{training}"


@pytest.mark.slow
@pytest.mark.parametrize("number", MODELS)
def test_a_page_trains_its_models_saves_them_and_uses_them(number, uncompiled, tmp_path, monkeypatch):
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path])
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    names = {}
    exec(training_cell(path), names)
    folder = tmp_path / "weights" / names["chosen"].scale
    assert sorted(file.stem for file in folder.glob("*.npz")) == sorted(MODELS[number])
    trained = {name: pretrained.load(name, folder) for name in MODELS[number]}
    assert {model.settings["steps_per_epoch"] for model in trained.values()} == {1}
    used = trained[USED[number]].generator.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(used, names["generator"].get_weights(), strict=True))
