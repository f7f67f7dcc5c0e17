import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from ganinv_keras import files
from ganinv_keras.course.bench import encoders
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.measures import distortions
from ganinv_keras.zoo import build, damage, pretrained

X = np.random.default_rng(0).random((4, 64, 64, 3), "float32")


def test_studies_differ_in_what_they_are_about():
    names = [name for name, _ in encoders.studies()]
    assert len(names) == 3 * (3 + 2 + 1 + 4 * 2) + 5 + 2 + 4 + 2
    assert len({json.dumps(settings, sort_keys=True) for _, settings in encoders.studies()}) == len(names)


def test_folding_makes_several_latents_one_image():
    z_in = keras.Input((3,))
    plain = keras.Model(z_in, keras.layers.Reshape((1, 1, 3))(z_in))
    z = np.array([[-0.5, 0.25, -0.75], [0.5, -0.25, -0.75]])
    found = np.asarray(encoders.folded(plain, 2)(z))
    assert np.allclose(found[:, 0, 0], [[0.0, -0.5, -0.75]] * 2)
    assert np.allclose(encoders.folded(plain, 0)(z)[:, 0, 0], z)


def test_edges_of_a_step():
    step = np.zeros((1, 4, 6, 3), "float32")
    step[:, :, 3:] = 0.25
    found = np.asarray(damage.Edges()(step))
    assert np.allclose(found[0, 1, :, 0], [0, 0, 0.5, 0.5, 0, 0], atol=1e-5) and found.shape == step.shape


def test_what_is_hidden():
    hole, mask = (encoders.damaged(X, name) for name in ("hole", "mask"))
    for image, whole in zip(hole, X, strict=True):
        rows, columns = np.nonzero((image == 0.5).all(-1))
        assert len(rows) == 24 * 24 == (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert np.array_equal(image[image != 0.5], whole[image != 0.5])
    assert len({tuple(np.argwhere((image == 0.5).all(-1))[0]) for image in hole}) > 1
    assert (mask == 0.5).all(-1).mean() == pytest.approx(0.9, abs=0.01)


def test_coarse_images_are_those_of_the_distortions():
    for width in (1, 2, 4):
        found = encoders.damaged(X, f"blur, width {width}")
        assert np.allclose(found, ndimage.gaussian_filter(X, (0, width, width, 0), mode="nearest"), atol=1e-5)
    assert np.allclose(encoders.damaged(X, "pixels 4×4"), distortions.shrink(X, 4), atol=1e-6)
    layer = damage.Coarse(["pixels 2×2", "pixels 8×8"], seed=1)
    spread = {round(float(tf.math.reduce_std(layer(X, training=True))), 3) for _ in range(10)}
    assert len(spread) == 2, "both levels come"


@pytest.mark.parametrize("name", damage.DAMAGES)
def test_damages_are_exact_where_networks_are_not(name, monkeypatch):
    monkeypatch.setenv("GANINV_PRECISION", "mixed_bfloat16")
    made = pretrained.load("avatars-gan")
    training = build.trainer(pretrained.RECIPES["avatars-from-edges"] | {"damage": name}, (made.generator, made.prior))
    assert training.encoder.compute_dtype == "bfloat16" and training.damage(X).dtype == "float32"
    assert np.isfinite(training.loss_of(made.prior.sample(4, 0), tf.constant(X)))


def test_half_of_a_batch_is_real():
    made = pretrained.load("avatars-gan")
    training = encoders.WithPairs(made.generator, pretrained.load("avatars-aegan").encoder, made.prior, damage.Hole())
    training.images = tf.constant(X[:2])
    _, x = training.draw(5)
    real = [any(np.array_equal(image, own) for own in X[:2]) for image in np.asarray(x)]
    assert real == [False, False, False, True, True]
    training.real = 1.0
    assert all(any(np.array_equal(image, own) for own in X[:2]) for image in np.asarray(training.draw(3)[1]))


def test_each_study_is_run_once_and_pairs_go_on_from_without(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    monkeypatch.setattr(files, "output_dir", lambda: tmp_path)
    monkeypatch.setattr(encoders, "measured", lambda model, encoder, fold=0, damage=None: {"damage": damage})
    wanted = ("loss, avatars-gan, AEGAN", "damage, avatars-gan, edges", "damage, avatars-gan, coarse", "pairs, 0",
              "pairs, 100", "pairs alone, 100")  # fmt: skip
    chosen = [(name, settings | {"model": "avatars-gan"}) for name, settings in encoders.studies()
              if settings.get("seed", 0) == 0 and name in wanted]  # fmt: skip
    monkeypatch.setattr(encoders, "studies", lambda: chosen)
    monkeypatch.setattr(encoders, "STEPS", 1)
    real, taught = encoders.learn, []

    def learn(start=None, **settings):
        taught.append((settings, start))
        return real(start=start, **settings | {"steps": 1})

    monkeypatch.setattr(encoders, "learn", learn)
    (tmp_path / "results").mkdir()
    encoders.main()
    encoders.main()
    assert [settings.get("pairs") for settings, _ in taught] == [None, None, None, 0, 100, 100]
    assert [start is None for _, start in taught] == [True, True, True, False, False, True]
    found = json.loads((tmp_path / "results" / "04_encoders.json").read_text())
    assert list(found) == [name for name, _ in chosen] and set(found[chosen[1][0]]["0"]) == {"device", "edges"}
    level = {"damage": "pixels 8×8"}
    assert found["damage, avatars-gan, coarse"]["0"]["pixels 8×8"] == {"trained": level, "plain": level}
    start = taught[3][1]
    encoder = keras.models.clone_model(pretrained.load("avatars-aegan").encoder)
    encoder.set_weights(start)
    one_step = keras.models.clone_model(encoder)
    one_step.load_weights(tmp_path / "encoders" / "damage, avatars-gan, edges, seed 0.weights.h5")
    assert np.allclose(predict(encoder, X), predict(one_step, X), atol=1e-5)


def test_what_is_measured():
    made = pretrained.load("avatars-direct")
    whole = encoders.measured("avatars-gan", made.encoder, n=20)
    hole = encoders.measured("avatars-gan", made.encoder, damage="hole", n=20)
    assert whole["psnr_generated"] > whole["psnr_generated_shuffled"] + 3 and 0 < whole["z_error"] < 1 / 3
    assert "psnr_test_seen" not in whole and hole["psnr_generated"] < whole["psnr_generated"] - 1
    assert hole["psnr_generated_seen"] > 10 and 0 < whole["dhash_test_sem"] < 0.1
