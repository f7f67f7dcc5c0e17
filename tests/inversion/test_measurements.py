import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from ganinv_keras.inversion import HybridInverter, LatentOptimizer, LevenbergMarquardt
from ganinv_keras.inversion.measurements import Blur, Compose, Downsample, Gaussian, Grey, Mask, Measurement, Pixels
from ganinv_keras.inversion.normal_equations import damped_step
from ganinv_keras.networks.priors import Normal

X = np.random.default_rng(0).random((3, 8, 4, 3), "float32")
SEEN = np.random.default_rng(1).random((3, 8, 4)) < 0.5
CHOSEN = np.array([[0, 5, 31], [1, 2, 3], [30, 4, 4]])


def test_each_by_hand():
    assert np.array_equal(Mask(SEEN[0])(X), X * SEEN[0][None, :, :, None])
    assert np.array_equal(Mask(SEEN)(X), X * SEEN[..., None])
    assert np.array_equal(Pixels(CHOSEN[0])(X)[:, :, 0], X.reshape(3, 32, 3)[:, CHOSEN[0]])
    assert np.array_equal(Pixels(CHOSEN)(X)[2, :, 0], X[2].reshape(32, 3)[[30, 4, 4]])
    assert Downsample(2)(X) == pytest.approx(X.reshape(3, 4, 2, 2, 2, 3).mean(axis=(2, 4)), abs=1e-6)
    assert Grey()(X) == pytest.approx(X @ np.float32([[0.2989], [0.587], [0.114]]), abs=1e-5)
    point = np.zeros((1, 21, 31, 1), "float32")
    point[0, 10, 15] = 1
    blurred = Blur(1.5)(point)[0, ..., 0]
    row, column = np.mgrid[:21, :31]
    bell = np.exp(-((row - 10) ** 2 + (column - 15) ** 2) / (2 * 1.5**2)) / (2 * np.pi * 1.5**2)
    assert blurred == pytest.approx(bell, abs=3e-4) and blurred.sum() == pytest.approx(1, abs=1e-5)
    assert Blur(2)(np.ones((1, 8, 8, 3))) == pytest.approx(1, abs=1e-5), "the border repeats"
    sums = Gaussian(20_000)(X[:1])
    assert sums.shape == (1, 20_000, 1, 1) and np.sum(sums**2) == pytest.approx(np.sum(X[0] ** 2), rel=0.03)
    assert Compose(Grey(), Downsample(4))(X) == pytest.approx(Downsample(4)(Grey()(X)), abs=1e-6)
    assert np.array_equal(Compose(Mask(SEEN), Pixels(CHOSEN))(X), Pixels(CHOSEN)(Mask(SEEN)(X)))


ALL = [Mask(SEEN[0]), Mask(SEEN), Pixels(CHOSEN[0]), Pixels(CHOSEN), Downsample(2), Grey(), Blur(1), Gaussian(5),
       Compose(Mask(SEEN), Grey(), Blur(1))]  # fmt: skip


@pytest.mark.parametrize("measurement", ALL, ids=repr)
def test_each_is_linear_and_knows_its_shape(measurement):
    y = np.random.default_rng(2).random(X.shape, "float32")
    assert measurement(2 * X - y) == pytest.approx(2 * measurement(X) - measurement(y), abs=1e-5)
    assert measurement(X).shape == (3, *measurement.seen_shape(X.shape[1:]))


@pytest.fixture(scope="module")
def generator():
    """A random DCGAN from 6 elements to 16×16×3, as irregular as a trained one."""
    keras.utils.set_random_seed(1)
    z = keras.Input((6,))
    h = layers.ReLU()(layers.Dense(4 * 4 * 16, kernel_initializer="he_normal")(z))
    h = layers.Reshape((4, 4, 16))(h)
    h = layers.ReLU()(layers.Conv2DTranspose(8, 4, 2, "same")(h))
    return keras.Model(z, layers.Conv2DTranspose(3, 4, 2, "same", activation="sigmoid")(h))


@pytest.fixture(scope="module")
def planted(generator):
    z = np.asarray(Normal(6).sample(5, seed=3))
    return z, np.asarray(generator(z, training=False))


def of_the_planted(name):
    random = np.random.default_rng(4)
    return {
        "half of the pixels": Mask(random.random((16, 16)) < 0.5),
        "another half of each": Mask(random.random((5, 16, 16)) < 0.5),
        "pixels": Pixels(random.integers(0, 256, 20)),
        "pixels of its own": Pixels(random.integers(0, 256, (5, 20))),
        "grey and small": Compose(Grey(), Downsample(2)),
        "sums": Gaussian(30),
    }[name]


NAMES = ["half of the pixels", "another half of each", "pixels", "pixels of its own", "grey and small", "sums"]


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_z_is_found_from_what_is_seen(generator, planted, name):
    z, images = planted
    measurement = of_the_planted(name)
    inverter = LevenbergMarquardt(generator, Normal(6), measurement=measurement)
    found = inverter.invert(measurement(images), batch_size=2)
    assert np.abs(found.z - z).max() < 1e-3 and np.abs(found.images - images).max() < 1e-4
    whole = inverter.invert(images, batch_size=2)
    assert np.allclose(whole.z, found.z, atol=1e-6), "whole images are measured by the inverter"


@pytest.mark.parametrize("name", ["another half of each", "grey and small"])
def test_descent_finds_it_too(generator, planted, name):
    z, images = planted
    measurement = of_the_planted(name)
    inverter = LatentOptimizer(generator, Normal(6), "mse", measurement=measurement, restarts=2, precision="float32")
    found = inverter.invert(images, steps=300, batch_size=4, initial_z=np.stack([z + 0.1, z - 0.5], axis=1))
    assert np.abs(found.images - images).max() < 0.02
    seen = np.square(measurement(found.images) - measurement(images)).mean(axis=(1, 2, 3))
    assert found.loss == pytest.approx(seen, abs=1e-6)


def test_the_jacobian_is_measured():
    z = keras.Input((2,))
    generator = keras.Model(z, layers.Reshape((4, 1, 1))(layers.Dense(4, use_bias=False)(z)))
    A = np.random.default_rng(0).normal(size=(4, 2)).astype("float32")
    generator.layers[1].set_weights([A.T])
    rows = np.array([[0, 1, 3], [3, 2, 1]])
    truth, start = np.float32([[1, -2], [0.5, 1]]), np.zeros((2, 2), "float32")
    y = np.stack([A[chosen] @ z for chosen, z in zip(rows, truth, strict=True)])[:, :, None, None]
    own, damping = tf.constant(rows, "int32"), tf.constant([1.0, 10.0])
    stepped, *_ = damped_step(generator, tf.constant(y), tf.constant(start), damping, own, measurement=Pixels(rows))
    for i in range(2):
        J = A[rows[i]]
        by_hand = np.linalg.solve(J.T @ J + 0.1 * damping[i] * np.diag(np.diag(J.T @ J)), J.T @ y[i].ravel())
        assert np.allclose(stepped[i], by_hand, rtol=1e-4)


@pytest.mark.parametrize("kind", ["pixels", "half of the pixels"])
def test_the_hybrid_starts_from_what_is_seen(generator, planted, kind):
    z, images = planted
    measurement, asked = of_the_planted(kind), []
    x = keras.Input(measurement.seen_shape((16, 16, 3)))
    encoder = keras.Model(x, layers.Dense(6)(layers.Flatten()(x)))
    inverter = LevenbergMarquardt(generator, Normal(6), measurement=measurement)
    hybrid = HybridInverter(encoder, inverter)
    inverter.invert = lambda y, **kwargs: asked.append((y, kwargs)) or LevenbergMarquardt.invert(inverter, y, **kwargs)
    for given in (images, measurement(images)):
        assert np.abs(hybrid.invert(given, restarts=10).z - z).max() < 1e-3
    for y, kwargs in asked:
        assert np.array_equal(y, measurement(images))
        assert np.allclose(kwargs["initial_z"], encoder(y), atol=1e-5)


def test_an_encoder_for_something_else_than_is_seen_is_refused(generator):
    x = keras.Input((16, 16, 3))
    encoder = keras.Model(x, layers.Dense(6)(layers.Flatten()(x)))
    inverter = LevenbergMarquardt(generator, Normal(6), measurement=of_the_planted("pixels"))
    with pytest.raises(
        ValueError, match=r"The encoder maps \(16, 16, 3\) to \(6,\), .* of which \(\d+, 1, 3\) is seen"
    ):
        HybridInverter(encoder, inverter)


def test_too_little_is_seen(generator, planted):
    inverter = LevenbergMarquardt(generator, Normal(6), measurement=Pixels([3]))
    with pytest.warns(UserWarning, match="what Pixels sees of its images has 3 values, fewer than the 6 elements of z"):
        assert inverter.invert(planted[1][:1]).loss[0] < 1e-3


def test_with_noise_the_prior_makes_up_for_what_is_not_seen():
    A = 0.1 * np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
    z = keras.Input((4,))
    generator = keras.Model(z, layers.Reshape((2, 1, 1))(layers.Dense(2)(z)))
    generator.layers[1].set_weights([A.T, np.float32([0.5, 0.5])])
    y, noise = np.float32([0.53, 0.58]), 0.01
    inverter = LevenbergMarquardt(generator, Normal(4))
    assert inverter.obstacle == "its images have 2 values, fewer than the 4 elements of z"
    found = inverter.invert(y.reshape(1, 2, 1, 1), noise=noise)
    assert inverter.obstacle is None
    assert np.allclose(found.z[0], np.linalg.solve(A.T @ A + noise**2 * np.eye(4), A.T @ (y - 0.5)), atol=1e-4)
    covariance = np.linalg.inv(A.T @ A / noise**2 + np.eye(4))
    assert np.allclose(found.std[0], np.sqrt(np.diag(covariance)), atol=1e-4)


def test_what_a_mask_hides_is_not_counted_as_seen(generator, planted):
    z, images = planted
    images = np.clip(images + np.random.default_rng(0).normal(0, 0.06, images.shape), 0, 1).astype("float32")
    chosen = np.random.default_rng(1).permutation(256)[:30]
    mask = np.isin(np.arange(256), chosen).reshape(16, 16)
    for noise in (0.04, "residual"):
        by_mask, by_pixels = (
            LevenbergMarquardt(generator, Normal(6), measurement=measurement).invert(
                images, noise=noise, steps=1, restarts=1, initial_z=z
            )
            for measurement in (Mask(mask), Pixels(chosen))
        )
        assert np.allclose(by_mask.std, by_pixels.std, rtol=1e-2)
        if noise == 0.04:
            assert not by_mask.trusted.any() and not by_pixels.trusted.any(), "0.06 is more than 0.04"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Mask(np.full((8, 4), 0.5)), r"mask must hold 1 where a pixel is seen and 0 elsewhere, .* got shape"),
        (lambda: Mask(np.ones((1, 1, 8, 4))), "mask must hold"),
        (lambda: Mask(SEEN)(X[:2]), "Mask is of 3 images, one each, but there are 2"),
        (lambda: Mask(SEEN[0])(X[:, :, :3]), r"The mask is of images \(8, 4\), but these are \(8, 3\)"),
        (lambda: Pixels([0.5]), r"indices must be whole numbers from 0 on, in the shape \(m,\) or \(n, m\), got float"),
        (lambda: Pixels([-1]), "indices must be"),
        (lambda: Pixels([])(X), "indices must be"),
        (lambda: Pixels([32])(X), "Images of 8×4 have no pixel 32"),
        (lambda: Downsample(3)(X), "The factor 3 must divide 8 and 4, the size of the images"),
        (lambda: Downsample(0), "`factor`. Expected a whole number ≥ 1"),
        (lambda: Grey()(X[..., :1]), r"Grey\(\) is of images with 3 channels, got 1"),
        (lambda: Blur(-1), "`width`. Expected a finite number from 0.01 to 1000"),
        (lambda: Gaussian(1.5), "`m`. Expected a whole number"),
        (lambda: Compose(Grey), "Compose takes measurements, such as Grey"),
        (lambda: Compose(Downsample(2), Pixels([9]))(X), "Images of 4×2 have no pixel 9"),
        (lambda: Grey()(X[0]), r"images must have 4 axes \(n, height, width, channels\), none"),
    ],
)
def test_what_does_not_fit_is_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize("method", [LatentOptimizer, LevenbergMarquardt])
def test_an_inverter_says_what_it_wants_to_see(generator, planted, method):
    images = planted[1]
    inverter = method(generator, Normal(6), measurement=Compose(Grey(), Downsample(4)))
    with pytest.raises(ValueError, match=r"what Compose\(Grey, Downsample\) sees of them, \(n, 4, 4, 1\), or whole, "
                                         r"\(n, 16, 16, 3\), got shape \(5, 8, 8, 1\)"):  # fmt: skip
        inverter.invert(images[:, :8, :8, :1])
    with pytest.raises(ValueError, match="images contain NaN, infinity or huge numbers"):
        inverter.invert(np.full((2, 4, 4, 1), np.nan))
    with pytest.raises(ValueError, match="divide by 255"):
        inverter.invert(255 * images)
    with pytest.raises(
        ValueError, match=r"`measurement`. Expected one of inversion.measurements, such as Mask\(mask\)"
    ):
        method(generator, Normal(6), measurement="grey")
    inverter.measurement = Mask(np.ones((4, 16, 16)))
    with pytest.raises(ValueError, match="Mask is of 4 images, one each, but there are 5"):
        inverter.invert(images)


def test_a_measurement_of_ones_own(generator, planted):
    class UpperHalf(Measurement):
        def measure(self, x):
            return x[:, :8]

    z, images = planted
    found = LevenbergMarquardt(generator, Normal(6), measurement=UpperHalf()).invert(images[:, :8])
    assert np.abs(found.z - z).max() < 1e-3
