import imageio.v3 as imageio
import keras
import numpy as np
import pytest

from ganinv_keras import Angular, EncoderInverter, HybridInverter, LatentOptimizer, Normal, Uniform
from ganinv_keras.invert import editing
from ganinv_keras.networks.spherical import SphericalToCartesian


def test_the_direction_of_a_label_leads_from_the_one_mean_to_the_other():
    z = np.random.default_rng(0).normal(size=(4000, 3)) * [1.0, 1.0, 10.0]
    truth = np.array([0.6, 0.8, 0.0])
    found = editing.label_direction(z, z @ truth > 0.5)
    cosine = found @ truth / np.linalg.norm(found)
    assert cosine > 0.999 and abs(found[2]) < 0.01
    has = z @ truth > 0.5
    assert np.linalg.norm(found) == pytest.approx((z[has].mean(0) - z[~has].mean(0)) @ truth, rel=0.01)


def test_a_direction_is_told_from_what_merely_comes_along():
    rng = np.random.default_rng(1)
    has = rng.random(4000) < 0.5
    z = np.stack([has + rng.normal(size=4000), rng.normal(size=4000)], axis=1)
    z = np.concatenate([z, z[:, :1] + 0.5 * rng.normal(size=(4000, 1))], axis=1)  # a worse copy of the first
    found = editing.label_direction(z, has)
    assert found[0] > 5 * abs(found[2])


@pytest.mark.parametrize("labels", [[True], [True, True], [1, 0], [[True], [False]], None])
def test_labels_that_say_nothing_are_refused(labels):
    with pytest.raises(ValueError, match="argument `labels`. Expected 2 booleans, some of them True"):
        editing.label_direction(np.zeros((2, 3)), labels)


def test_a_walk_stays_where_the_prior_draws():
    a, b = np.eye(4)[:2] * 2
    assert np.allclose(np.linalg.norm(editing.walk(Normal(4), a, b, 5), axis=1), 2)
    assert np.allclose(editing.walk(Uniform(4), a / 2, b / 2, 3)[1], [0.5, 0.5, 0, 0])
    z = Angular(3).sample(2, seed=0).numpy()
    way = editing.walk(Angular(3), *z, 9)
    assert np.allclose(way[[0, -1]], z, atol=1e-5) and way.min() > 0 and way.max() < np.pi / 2
    steps = np.linalg.norm(np.diff(SphericalToCartesian()(way).numpy(), axis=0), axis=1)
    assert np.allclose(steps, steps.mean(), rtol=1e-3)
    with pytest.raises(ValueError, match="argument `n`"):
        editing.walk(Normal(4), a, b, 1)


@pytest.fixture
def linear():
    """A generator that draws its latent as pixels, and its encoder."""
    z_in, x_in = keras.Input((4,)), keras.Input((2, 2, 1))
    generator = keras.Model(z_in, keras.layers.Rescaling(0.5, 0.5)(keras.layers.Reshape((2, 2, 1))(z_in)))
    return generator, keras.Model(x_in, keras.layers.Rescaling(2.0, -1.0)(keras.layers.Flatten()(x_in)))


def test_a_morph_leads_through_all_images_by_any_inverter(linear):
    generator, encoder = linear
    images = np.random.default_rng(0).random((3, 2, 2, 1), "float32")
    descent = LatentOptimizer(generator, Uniform(4), loss="mse")
    for inverter, how in ((EncoderInverter(encoder, generator), {}), (HybridInverter(encoder, descent), {"steps": 2})):
        frames = editing.morph(inverter, Uniform(4), images, n=5, **how)
        assert frames.shape == (10, 2, 2, 1)
        assert np.allclose(frames[[0, 4, 5, 9]], images[[0, 1, 1, 2]], atol=1e-3)
        assert np.allclose(frames[2], images[:2].mean(axis=0), atol=1e-3)
    with pytest.raises(ValueError, match="two images at least"):
        editing.morph(inverter, Uniform(4), images[:1])


@pytest.mark.parametrize("ending", [".gif", ".mp4"])
def test_a_film_turns_round_at_its_end(tmp_path, ending):
    frames = np.linspace(0, 1, 6).reshape(6, 1, 1, 1) * np.ones((1, 9, 16, 3))
    path = editing.film(frames, tmp_path / f"a{ending}", seconds=0.5, zoom=3)
    found = imageio.imread(path, **({"plugin": "pyav"} if ending == ".mp4" else {}))
    assert found.shape[:3] == (10, 27 + (ending == ".mp4"), 48)
    brightness = found.mean(axis=(1, 2, 3)) / 255
    assert np.allclose(brightness, [0, 0.2, 0.4, 0.6, 0.8, 1, 0.8, 0.6, 0.4, 0.2], atol=0.03)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    grey = editing.film(frames[..., :1], tmp_path / f"b{ending}")
    assert grey.stat().st_size > 100


def test_what_is_no_film_is_refused(tmp_path):
    frames = np.zeros((3, 4, 4, 1))
    for change in ({"path": tmp_path / "a.avi"}, {"frames": frames[:1]}, {"frames": np.zeros((3, 4, 4, 2))},
                   {"seconds": 0}, {"zoom": 0}):  # fmt: skip
        with pytest.raises(ValueError):
            editing.film(**{"frames": frames, "path": tmp_path / "a.gif"} | change)
    with pytest.raises(PermissionError):
        editing.film(frames, tmp_path / "none" / "a.gif")
    assert not list(tmp_path.iterdir())
