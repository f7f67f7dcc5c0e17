import json
from types import SimpleNamespace

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.course.experiments import portraits
from ganinv_keras.zoo import build, pretrained, recipes


def test_models_are_judged_as_they_ship_or_were_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(portraits, "NAMES", ("avatars-dlsgan-64", "avatars-unscaled"))
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    monkeypatch.setattr(files, "output_dir", lambda: tmp_path)
    (tmp_path / "results").mkdir()
    with pytest.raises(FileNotFoundError, match="does not ship: train it with python -m .* avatars-unscaled"):
        portraits.main(n=80)
    recipe = recipes.SCALES["smoke"]["avatars-unscaled"]
    model = SimpleNamespace(sampler=build.network(recipe["generator"]), encoder=build.network(recipe["encoder"]))
    pretrained.save("avatars-unscaled", model, recipe, files.make_folder(tmp_path / "weights" / "laptop"))
    portraits.main(n=80)
    models = json.loads((tmp_path / "results" / "portraits.json").read_text())["models"]
    ships, untrained = models["avatars-dlsgan-64"], models["avatars-unscaled"]
    assert ships["test images"] == 80 and "psnr_test_half" in ships and "psnr_test_half" not in untrained
    assert ships["encoder_loss"] < 0.6 < untrained["encoder_loss"]
    assert ships["psnr_generated"] > untrained["psnr_generated_shuffled"]


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
