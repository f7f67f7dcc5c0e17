import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from ganinv_keras.inversion.levenberg_marquardt import LevenbergMarquardt
from ganinv_keras.inversion.measurements import Downsample, Pixels
from ganinv_keras.inversion.normal_equations import covariance, damped_step, error_bars, is_well_conditioned
from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.networks.priors import Normal, Uniform


def test_the_jacobian_against_finite_differences():
    z = keras.Input((4,))
    h = layers.Reshape((4, 4, 3))(layers.Dense(48, "tanh")(z))
    smooth = keras.Model(z, layers.Conv2DTranspose(1, 4, 2, "same", activation="sigmoid")(h))
    z, h = Normal(4).sample(3, seed=0), 1e-2
    found = np.asarray(jacobian(smooth, z))
    assert found.shape == (3, 4, 64) and np.abs(found).max() > 0.05
    for i in range(4):
        step = h * np.eye(4, dtype="float32")[i]
        difference = (smooth(z + step) - smooth(z - step)) / (2 * h)
        assert np.allclose(found[:, i], np.reshape(difference, (3, -1)), atol=1e-4)


def test_a_linear_generator_is_inverted_in_one_step(linear_generator):
    prior = Normal(4)
    z = np.asarray(prior.sample(5, seed=3)) * 0.3
    x = np.asarray(linear_generator(z)).clip(0, 1)
    start = map(tf.constant, (x, prior.sample(5, 0), np.full(5, 1e-6, "float32")))
    first, _, loss, _, _ = damped_step(linear_generator, *start)
    assert np.allclose(first, z, atol=1e-5) and np.max(loss) < 1e-11


def badly_scaled():
    """Return a linear generator whose images depend on the elements of z by factors from 1 to 1,000, and its A."""
    z = keras.Input((4,))
    dense = layers.Dense(16, use_bias=False)
    generator = keras.Model(z, layers.Reshape((4, 4, 1))(dense(z)))
    kernel = np.random.default_rng(0).normal(size=(4, 16)) * np.float32([[1e-2], [1e-1], [1], [10]])
    dense.set_weights([kernel])
    return generator, kernel.T


def test_a_step_solves_the_damped_normal_equations_by_hand():
    generator, jac = badly_scaled()
    z, truth = np.random.default_rng(1).normal(size=(2, 3, 4))
    x = (truth @ jac.T).reshape(3, 4, 4, 1)
    damping = np.float32([1.0, 10.0, 0.1])  # the smallest of the four tried, a tenth, lowers a linear error most
    stepped, x_hat, loss, tried, _ = damped_step(
        generator, *map(tf.constant, np.float32([x])), *map(tf.constant, (z.astype("float32"), damping))
    )
    jtj = jac.T @ jac
    for i in range(3):
        residual = x[i].ravel() - jac @ z[i]
        delta = np.linalg.solve(jtj + 0.1 * damping[i] * np.diag(np.diag(jtj)), jac.T @ residual)
        assert np.allclose(stepped[i], z[i] + delta, rtol=1e-3, atol=1e-4)
    assert np.allclose(tried, 0.1 * damping, rtol=1e-6)
    assert np.allclose(loss, np.mean((x - x_hat) ** 2, axis=(1, 2, 3)), rtol=1e-5)


def test_where_no_damping_helps_z_stays_and_the_damping_grows_a_thousandfold(linear_generator):
    z = np.asarray(Normal(4).sample(2, seed=0))
    x = linear_generator(z, training=False)  # nothing is better than that
    damping = np.float32([0.01, 10.0])
    stepped, x_hat, loss, after, cosine = damped_step(linear_generator, *map(tf.constant, (x, z, damping)))
    assert np.array_equal(stepped, z) and np.array_equal(x_hat, x) and np.array_equal(loss, [0, 0])
    assert np.allclose(after, [10.0, 10_000.0], rtol=1e-6) and np.allclose(cosine, 0)


@pytest.mark.parametrize("worse", [np.nan, np.inf])
def test_a_step_to_where_the_images_are_not_finite_is_none(worse):
    z = keras.Input((2,))
    wall = keras.ops.where(z < 1.0, z, worse)
    generator = keras.Model(z, layers.Reshape((1, 2, 1))(wall))
    start, x = np.float32([[0.5, 0.5]]), np.float32([2.0, 2.0]).reshape(1, 1, 2, 1)
    stepped, _, loss, damping, _ = damped_step(generator, *map(tf.constant, (x, start, np.float32([1e-3]))))
    assert np.array_equal(stepped, start) and np.allclose(loss, 2.25) and np.allclose(damping, 1.0)


def linear(rows, d=3, seed=0):
    """Return a generator of `rows` pixels `A z`, and A."""
    z = keras.Input((d,))
    dense = layers.Dense(rows, use_bias=False)
    generator = keras.Model(z, layers.Reshape((rows, 1, 1))(dense(z)))
    A = np.random.default_rng(seed).normal(size=(rows, d)).astype("float32") / 4
    dense.set_weights([A.T])
    return generator, A


def test_error_bars_by_hand():
    generator, A = linear(8)
    chosen = np.array([[0, 1, 2, 5], [7, 6, 5, 4]], "int32")
    z, y = np.zeros((2, 3), "float32"), np.float32([[0.1, 0, 0, 0], [1, 1, 0, 0]])[:, :, None, None]
    prior = Uniform(3)  # of standard deviation 1 / √3
    covered = functools.partial(covariance, generator, Pixels(chosen))
    bars = error_bars(covered, y, (chosen,), np.array([4, 4]), z, 0.3, prior, batch_size=1)
    for i in range(2):
        J = A[chosen[i]]
        by_hand = np.linalg.inv(J.T @ J / 0.09 + 3 * np.eye(3))
        assert np.allclose(bars["std"][i], np.diag(by_hand) ** 0.5, rtol=1e-4)
        assert np.allclose(np.ravel(bars["image_std"][i]), np.diag(A @ by_hand @ A.T) ** 0.5, rtol=1e-4)
    assert bars["trusted"].tolist() == [True, False], "0.1 is explained by a noise of 0.3, √2 is not"


def test_noise_can_be_what_the_residual_says():
    generator, A = linear(8)
    y, z = np.ones((1, 8, 1, 1), "float32"), np.zeros((1, 3), "float32")
    covered = functools.partial(covariance, generator, None)
    bars = error_bars(covered, y, (), np.array([8]), z, "residual", Uniform(3, -1e5, 1e5))
    assert np.allclose(bars["std"][0], np.diag(np.linalg.inv(A.T @ A / (8 / 5))) ** 0.5, rtol=1e-3)
    assert set(bars) == {"std", "image_std"}


def test_nine_of_ten_true_latents_lie_in_the_90_percent_interval():
    generator, _ = linear(12, seed=1)
    prior, noise = Normal(3), 0.2
    z = np.asarray(prior.sample(300, seed=0))
    clean = np.asarray(generator(z))
    low, high = float(clean.min()), float(clean.max())
    x = keras.Input((3,))
    scaled_to_images = keras.Model(x, (generator(x) - low + 1) / (high - low + 2))
    images = np.asarray(scaled_to_images(z)) + np.random.default_rng(1).normal(0, noise / (high - low + 2), clean.shape)
    inverter = LevenbergMarquardt(scaled_to_images, Normal(3), measurement=Downsample(1))  # not kept in [0, 1]
    found = inverter.invert(images, batch_size=100, restarts=1, steps=4, noise=noise / (high - low + 2))
    wide = np.abs(found.z - z) / found.std
    assert 0.86 < np.mean(wide < 1.645) < 0.94 and 0.97 < found.trusted.mean()
    worse = images + np.random.default_rng(2).normal(0, 3 * noise / (high - low + 2), images.shape)
    worse = inverter.invert(worse, batch_size=100, restarts=1, steps=4, noise=noise / (high - low + 2))
    assert worse.trusted.mean() < 0.05, "there is three times the noise that was said"
    assert found.image_std.shape == images.shape and inverter.invert(images[:2]).std is None
    guessed = inverter.invert(images[:100], batch_size=33, noise="residual")
    assert guessed.trusted is None and np.median(guessed.std / found.std[:100]) == pytest.approx(1, abs=0.15)


def test_the_prior_pulls_as_the_noise_says():
    generator, A = linear(8)
    y = np.random.default_rng(0).normal(size=8).astype("float32")
    noise, prior = 0.3, Uniform(3, 0.5, 1.5)  # mean 1, standard deviation 1 / √12
    step = functools.partial(damped_step, generator, tf.constant(y[None, :, None, None]), tf.zeros((1, 3)))
    z, _, loss, _, _ = step(tf.constant([1e-6]), pull=tf.constant(noise / prior.std, "float32"), mean=prior.mean)
    by_hand = np.linalg.solve(A.T @ A / noise**2 + 12 * np.eye(3), A.T @ y / noise**2 + 12 * 1.0)
    assert np.allclose(z[0], by_hand, rtol=1e-4)
    expected = np.sum((A @ by_hand - y) ** 2) + noise**2 * 12 * np.sum((by_hand - 1) ** 2)
    assert float(loss[0]) == pytest.approx(expected / 8, rel=1e-4)


@pytest.mark.parametrize("noise", [0, -1, "rest", np.nan, True])
def test_another_noise_is_refused(linear_generator, noise):
    with pytest.raises(ValueError, match="`noise`. Expected a finite number from 1e-09 to"):
        LevenbergMarquardt(linear_generator, Normal(4)).invert(np.zeros((1, 8, 8, 1)), noise=noise)


def test_what_is_seen_decides_how_well_conditioned_the_equations_are():
    generator, A = linear(8, d=2)
    A[:, 1] = A[:, 0]
    A[7, 1] *= -1  # without the last pixel the columns are one
    generator.layers[1].set_weights([A.T])
    for measurement, right in ((None, True), (Pixels([7, 0]), True), (Pixels([0, 1, 2]), False),
                               (Pixels([[7, 0], [0, 7]]), True), (Pixels([[7, 0], [1, 0]]), False)):  # fmt: skip
        assert is_well_conditioned(generator, Normal(2), measurement) == right
