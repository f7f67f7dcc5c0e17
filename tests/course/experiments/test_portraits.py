import json

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
