"""No network, nothing kept from another test, and small folders of data."""

import numpy as np
import pytest
from PIL import Image

from ganinv_keras.data import prepared, sources


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setattr(prepared, "_online", lambda: False)
    sources._load.cache_clear()


@pytest.fixture
def data_dir(tmp_path, monkeypatch):
    """An empty folder that `GANINV_DATA_DIR` is set to."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("GANINV_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def write_images():
    """A function that writes random images as PNG files `00.png`, `01.png`, … into a folder, and returns them."""

    def write(folder, count, height, width=None):
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(count).integers(0, 256, (count, height, width or height, 3)).astype("uint8")
        for number, image in enumerate(pixels):
            Image.fromarray(image).save(folder / f"{number:02}.png")
        return pixels

    return write
