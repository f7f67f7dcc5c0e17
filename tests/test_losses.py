import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from ganinv_keras import losses

REAL, FAKE = np.array([[2.0], [-1.0]]), np.array([[0.5], [-3.0]])


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


D_LOG = -np.log(sigmoid(REAL)).mean() - np.log(1 - sigmoid(FAKE)).mean()


@pytest.mark.parametrize(
    "name, d_loss, g_loss",
    [
        ("non_saturating", D_LOG, -np.log(sigmoid(FAKE)).mean()),
        ("original", D_LOG, np.log(1 - sigmoid(FAKE)).mean()),
        ("least_squares", (1 + 4) / 2 + (0.25 + 9) / 2, (0.25 + 16) / 2),
        ("wasserstein", -1.25 - 0.5, 1.25),
    ],
)
def test_adversarial_losses_by_hand(name, d_loss, g_loss):
    found = losses.adversarial(name)(tf.constant(REAL), tf.constant(FAKE))
    assert np.allclose(found, [d_loss, g_loss], rtol=1e-6)


@pytest.mark.parametrize("name", sorted(losses.ADVERSARIAL))
def test_adversarial_gradients_against_finite_differences(name):
    function = losses.adversarial(name)
    real, fake = tf.constant(REAL), tf.Variable(FAKE)
    for index in (0, 1):
        with tf.GradientTape() as tape:
            value = function(real, fake)[index]
        gradient = tape.gradient(value, fake).numpy()[0, 0]
        step = np.array([[1e-6], [0.0]])
        difference = (function(real, fake + step)[index] - function(real, fake - step)[index]) / 2e-6
        assert gradient == pytest.approx(float(difference), rel=1e-6)


def test_reconstruction_losses_by_hand():
    x = np.array([0.0, 1.0, 0.5, 0.25], "float32").reshape(1, 2, 2, 1)
    x_hat = np.array([0.1, 0.8, 0.5, 0.5], "float32").reshape(1, 2, 2, 1)
    cross_entropy = -(np.log(0.9) + np.log(0.8) + np.log(0.5) + np.log(0.5)) / 4
    assert np.allclose(losses.bce(x, x_hat), [cross_entropy], rtol=1e-5)
    assert np.allclose(losses.mse(x, x_hat), [(0.01 + 0.04 + 0.0625) / 4], rtol=1e-5)
    assert np.allclose(losses.mae(x, x_hat), [(0.1 + 0.2 + 0.25) / 4], rtol=1e-5)


def test_unknown_losses_propose_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'least_squares'?"):
        losses.adversarial("least-squares")
    with pytest.raises(ValueError, match="Did you mean 'mse'?"):
        losses.reconstruction("mce")


@pytest.fixture
def curved_discriminator():
    x = keras.Input((3, 3, 1), dtype="float64")
    h = layers.Dense(5, activation="tanh", dtype="float64")(layers.Flatten(dtype="float64")(x))
    return keras.Model(x, layers.Dense(1, dtype="float64")(h))


def slopes(discriminator, x):
    """∂D/∂(2x - 1) by central differences, shape (n, pixels)."""
    columns = []
    for pixel in range(9):
        step = np.zeros(9)
        step[pixel] = 1e-5
        step = step.reshape(1, 3, 3, 1)
        columns.append((discriminator(x + step) - discriminator(x - step))[:, 0] / 4e-5)
    return np.stack(columns, 1)


def test_r1_against_finite_differences(curved_discriminator):
    x = np.random.default_rng(0).uniform(size=(4, 3, 3, 1))
    expected = (slopes(curved_discriminator, x) ** 2).sum(1).mean()
    assert float(losses.r1(curved_discriminator, tf.constant(x))) == pytest.approx(expected, rel=1e-4)


def test_gradient_penalty_against_finite_differences(curved_discriminator):
    x = np.random.default_rng(0).uniform(size=(4, 3, 3, 1))
    expected = ((np.linalg.norm(slopes(curved_discriminator, x), axis=1) - 1) ** 2).mean()
    found = losses.gradient_penalty(curved_discriminator, tf.constant(x), tf.constant(x), seed=0)
    assert float(found) == pytest.approx(expected, rel=1e-4)


def test_r1_has_a_gradient_for_the_weights(curved_discriminator):
    x = tf.constant(np.random.default_rng(0).uniform(size=(4, 3, 3, 1)))
    kernel = curved_discriminator.trainable_variables[0]
    with tf.GradientTape() as tape:
        penalty = losses.r1(curved_discriminator, x)
    gradient = ops.convert_to_numpy(tape.gradient(penalty, kernel))[0, 0]
    start = kernel.numpy()
    values = []
    for sign in (1, -1):
        moved = start.copy()
        moved[0, 0] += sign * 1e-5
        kernel.assign(moved)
        values.append(float(losses.r1(curved_discriminator, x)))
    assert gradient == pytest.approx((values[0] - values[1]) / 2e-5, rel=1e-3)


def test_soft_labels_of_no_width_are_hard_labels():
    real, fake = np.float32([[2.0], [-1.0]]), np.float32([[0.5], [-3.0]])
    d_loss, _ = losses.non_saturating(real, fake)
    found = losses.soft_label_loss(real, fake, (1.0, 1.0), (0.0, 0.0), 0)
    assert float(found) == pytest.approx(float(d_loss), rel=1e-6)


def test_soft_labels_are_drawn_from_their_ranges_for_every_image():
    real, fake = np.full((20_000, 1), 1.0, "float32"), np.full((20_000, 1), -2.0, "float32")
    losses_ = [float(losses.soft_label_loss(real, fake, (0.7, 1.2), (0.0, 0.3), seed)) for seed in (0, 1)]
    assert losses_[0] != losses_[1]
    expected = np.log(1 + np.e) - 0.95 * 1.0 + np.log(1 + np.exp(-2)) + 0.15 * 2.0  # of the mean labels
    assert losses_[0] == pytest.approx(expected, abs=0.01)
    with tf.GradientTape() as tape:
        realness = tf.constant(real)
        tape.watch(realness)
        d_loss = losses.soft_label_loss(realness, fake, (0.7, 1.2), (0.0, 0.3), 0)
    labels = 1 / (1 + np.exp(-1)) - 20_000 * np.asarray(tape.gradient(d_loss, realness))
    assert 0.7 <= labels.min() < 0.705 and 1.195 < labels.max() <= 1.2


def test_the_embedding_loss_is_the_tangent():
    z_c = np.array([[1.0, 0.0], [0.6, 0.8], [1.0, 0.0]], "float32")
    angles = np.radians([60.0, 45.0, 1.0])
    rotated = np.stack([[np.cos(a) * u - np.sin(a) * v, np.sin(a) * u + np.cos(a) * v]
                        for a, (u, v) in zip(angles, z_c, strict=True)]).astype("float32")  # fmt: skip
    assert np.allclose(losses.embedding(z_c, rotated), np.tan(angles), rtol=1e-3)


def gradient_of_the_embedding_loss(z_c, z_prime):
    z_prime = tf.constant(z_prime, "float32")
    with tf.GradientTape() as tape:
        tape.watch(z_prime)
        loss = losses.embedding(z_c, z_prime / ops.norm(z_prime, axis=1, keepdims=True))
    return tape.gradient(loss, z_prime).numpy()


def test_the_gradient_of_the_embedding_loss():
    rng = np.random.default_rng(0)
    z_c = rng.random((1, 8)).astype("float32")
    z_c /= np.linalg.norm(z_c)
    z_prime = rng.random((1, 8)) + 0.1
    found = gradient_of_the_embedding_loss(z_c, z_prime)

    def tangent(z_prime):
        cosine = np.sum(z_c * z_prime) / np.linalg.norm(z_prime)
        return np.sqrt(1 - cosine**2) / cosine

    step = 1e-5
    differences = [(tangent(z_prime + step * e) - tangent(z_prime - step * e)) / (2 * step) for e in np.eye(8)]
    assert np.allclose(found, [differences], rtol=1e-3, atol=1e-5)
    assert np.sum(found * z_prime) == pytest.approx(0, abs=1e-5), "the length of D's answer does not matter"


def test_the_gradient_of_the_embedding_loss_at_no_angle_is_zero():
    z_c = np.array([[0.0, 1.0, 0.0, 0.0]], "float32")
    assert np.allclose(gradient_of_the_embedding_loss(z_c, 3 * z_c), 0, atol=1e-6)
    z_c = np.full((1, 4), 0.5, "float32")
    assert np.allclose(gradient_of_the_embedding_loss(z_c, 3 * z_c), 0, atol=1e-6)
