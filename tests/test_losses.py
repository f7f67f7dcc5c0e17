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
    for loss in losses.RECONSTRUCTION.values():
        found = loss(np.concatenate([x_hat, x]), np.concatenate([x_hat, x_hat]))
        assert found.shape == (2,) and np.allclose(found, [loss(x_hat, x_hat)[0], loss(x, x_hat)[0]])


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


def test_gradient_penalty_between_real_and_generated_images(curved_discriminator):
    rng = np.random.default_rng(0)
    x_real, x_fake = rng.uniform(size=(4, 3, 3, 1)), rng.uniform(size=(4, 3, 3, 1))
    share = np.asarray(keras.random.uniform((4, 1, 1, 1), dtype="float64", seed=3))
    assert len(np.unique(share)) == 4 and 0 < share.min() and share.max() < 1, "a point of its own for every image"
    lengths = np.linalg.norm(slopes(curved_discriminator, share * x_real + (1 - share) * x_fake), axis=1)
    found = losses.gradient_penalty(curved_discriminator, tf.constant(x_real), tf.constant(x_fake), np.int64(3))
    assert float(found) == pytest.approx(((lengths - 1) ** 2).mean(), rel=1e-4)
    generator = keras.random.SeedGenerator(3)
    first, other = (losses.gradient_penalty(curved_discriminator, x_real, x_fake, generator) for _ in range(2))
    assert float(found) == float(first) != float(other)


def test_a_discriminator_without_a_slope_is_penalised_by_one():
    x = np.zeros((2, 3, 3, 1))
    flat = losses.gradient_penalty(lambda x: ops.sum(0 * x, (1, 2, 3)), x, x + 1, seed=0)
    assert float(flat) == pytest.approx(1, abs=1e-5)


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


X = np.full((2, 4, 4, 1), 0.5, "float32")


@pytest.mark.parametrize("name", ["bce", "mse", "mae"])
def test_images_of_other_shapes_or_pixels_up_to_255_are_refused(name):
    loss = losses.reconstruction(name)
    for x_hat in (X[:1], X[:, :2], X[0], X[..., 0], (255 * X).astype("uint8"), X.tolist(), None):
        for pair in ((X, x_hat), (x_hat, X)):
            with pytest.raises(ValueError, match=r"^Expected float images .* and type\. Received: `x` .*, `x_h"):
                loss(*pair)
    traced = []
    function = tf.function(lambda x, x_hat: (traced.append(x.shape[0]), loss(x, x_hat))[1],
                           input_signature=2 * [tf.TensorSpec((None, 4, 4, 1))])  # fmt: skip
    assert np.allclose(function(X, X), loss(X, X)) and traced == [None], "a batch of any size, as in training"


def test_points_of_other_shapes_are_refused():
    z = np.eye(3, dtype="float32")
    for other in (z[:1], z[:, :2], z[0], z[None], z.astype("int32"), z.tolist()):
        with pytest.raises(ValueError, match=r"^Expected float vectors \(n, d\), .* and type\. Received: `z_c`"):
            losses.embedding(z, other)


def test_penalties_of_what_has_no_slope_or_another_shape():
    def blind(x):
        return tf.zeros((2, 1))

    for penalty in (lambda D: losses.r1(D, X), lambda D: losses.gradient_penalty(D, X, X, 0)):
        with pytest.raises(ValueError, match="`realness`. Expected .* Received: one whose answer does not depend on"):
            penalty(blind)
    with pytest.raises(ValueError, match=r"Received: `x_real` float32 \(4, 4, 1\)\."):
        losses.r1(blind, X[0])
    with pytest.raises(ValueError, match=r"`x_real` float32 \(2, 4, 4, 1\), `x_fake` float32 \(1, 4, 4, 1\)\."):
        losses.gradient_penalty(blind, X, X[:1], 0)


@pytest.mark.parametrize("bounds", [(1.2, 0.7), (0.7, np.nan), (0.7, np.inf), (0.7,), (0.7, 1.0, 1.2), 0.7, None, "ab",
                                    ([0.7], 1.2)])  # fmt: skip
def test_ranges_of_labels_have_two_ends_in_order(bounds):
    assert losses.label_range([1, 1], "x") == (1.0, 1.0)
    realness = np.zeros((2, 1), "float32")
    for name in ("real_range", "fake_range"):
        ranges = {"real_range": (0.7, 1.2), "fake_range": (0.0, 0.3)} | {name: bounds}
        with pytest.raises(ValueError, match=f"Invalid value received for argument `{name}`. Expected"):
            losses.soft_label_loss(realness, realness, **ranges, seed=0)


def test_seeds_may_be_of_numpy_and_must_be_seeds():
    realness = np.ones((2, 1), "float32")
    ranges = (0.7, 1.2), (0.0, 0.3)
    assert losses.soft_label_loss(realness, realness, *ranges, np.int64(3)) == losses.soft_label_loss(
        realness, realness, *ranges, 3
    )
    for seed in (-1, 1.5, None, "1", True):
        for draw in (lambda s: losses.soft_label_loss(realness, realness, *ranges, s),
                     lambda s: losses.gradient_penalty(lambda x: x, X, X, s)):  # fmt: skip
            with pytest.raises(ValueError, match="argument `seed`. Expected a whole number"):
                draw(seed)
