import json
from types import SimpleNamespace

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.course.experiments import portraits


def test_drawn_faces_are_judged_as_they_ship(tmp_path, monkeypatch):
    monkeypatch.setattr(portraits, "NAMES", ("avatars-dlsgan", "avatars-unscaled"))
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    (tmp_path / "results").mkdir()
    portraits.main(n=80)
    models = json.loads((tmp_path / "results" / "portraits.json").read_text())["models"]
    scaled, unscaled = models["avatars-dlsgan"], models["avatars-unscaled"]
    assert scaled["test images"] == 80
    assert scaled["encoder_loss"] < 0.6 < unscaled["encoder_loss"]
    assert scaled["psnr_generated"] > unscaled["psnr_generated"] > unscaled["psnr_generated_shuffled"]


def test_half_size_is_the_mean_of_four_pixels(monkeypatch):
    class Known:
        encoder = generator = None

    images = np.random.default_rng(0).random((2, 4, 4, 3), "float32")
    answers = np.repeat(np.repeat(images.reshape(2, 2, 2, 2, 2, 3).mean(axis=(2, 4)), 2, axis=1), 2, axis=2)
    answers = np.clip(answers + 0.1, 0, 1)
    inverter = SimpleNamespace(invert=lambda x: SimpleNamespace(images=answers))
    monkeypatch.setattr(portraits, "EncoderInverter", lambda encoder, generator: inverter)
    monkeypatch.setattr(portraits.metrics, "ssim", lambda x, y: np.abs(x - y))
    found = portraits.at_half_size(Known, images)
    assert found == {"psnr_test_half": pytest.approx(20, abs=0.01), "ssim_test_half": pytest.approx(0.1, abs=1e-3)}
