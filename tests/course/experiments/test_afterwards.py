import json

import numpy as np

from ganinv_keras import files
from ganinv_keras.course.experiments import afterwards
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.zoo import pretrained


def test_each_way_to_learn_an_encoder_is_judged_once(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    monkeypatch.setattr(afterwards, "SEEDS", (0,))
    (tmp_path / "results").mkdir()
    taught = []
    encoder = pretrained.load("mnist-direction").encoder
    monkeypatch.setattr(afterwards, "learn", lambda method, seed, path: taught.append((method, seed)) or encoder)
    afterwards.main()
    afterwards.main()
    found = json.loads((tmp_path / "results" / "06_afterwards.json").read_text())
    assert taught == [("AEGAN", 0), ("LatentRegressor", 0)]
    assert found["discriminator"]["psnr_generated"] > found["AEGAN, seed 0"]["psnr_generated"], "another GAN's encoder"
    assert found["discriminator"]["fid"] == found["AEGAN, seed 0"]["fid"], "the generator is the same"


def test_the_encoder_is_a_new_one_that_learns():
    x = np.random.default_rng(0).random((4, 32, 32, 1), "float32")
    short = {"epochs": 1, "steps_per_epoch": 1, "batch_size": 2}
    one, same, other = (afterwards.learn("LatentRegressor", seed, **short) for seed in (0, 0, 1))
    z = predict(one, x)
    assert z.shape == (4, 31) and 0 < z.min() and z.max() < np.pi / 2
    assert np.allclose(z, predict(same, x), atol=1e-4) and not np.allclose(z, predict(other, x), atol=1e-2)
