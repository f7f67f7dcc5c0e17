import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from ganinv_keras.inversion.damped_step import damped_step
from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.networks.priors import Normal


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
