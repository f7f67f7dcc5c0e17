import keras
import numpy as np
import pytest
from keras import layers, ops

from ganinv_keras.training.bigan import BiGAN


@pytest.fixture
def parts(small_gan_parts):
    x, z = keras.Input((8, 8, 1)), keras.Input((4,))
    encoder = keras.Model(x, layers.Dense(4, "tanh")(layers.Flatten()(x)))
    pair = layers.Concatenate()([layers.Flatten()(x), z])
    return small_gan_parts[0], encoder, keras.Model([x, z], layers.Dense(1)(pair))


@pytest.fixture
def images():
    return ops.convert_to_tensor(np.random.default_rng(0).uniform(size=(8, 8, 8, 1)).astype("float32"))


def test_the_discriminator_sees_pairs(parts, prior, images):
    gan, (_, encoder, discriminator) = BiGAN(*parts, prior), parts
    seen = []

    def spy(pair, training):
        seen.append([np.asarray(part) for part in pair])
        return discriminator(pair, training=training)

    gan.discriminator = spy
    gan.compute_losses(images)
    (x_real, z_real), (x_fake, z_fake) = seen
    assert np.array_equal(x_real, images) and np.allclose(z_real, encoder(images), atol=1e-6)
    fresh = BiGAN(*parts, prior)
    assert np.array_equal(z_fake, prior.sample(8, fresh.seed_generator)), "the z that made the generated image"
    assert np.allclose(x_fake, parts[0](z_fake, training=True), atol=1e-5)


def test_the_losses_by_hand(parts, prior, images):
    gan = BiGAN(*parts, prior)
    constants = iter([[[2.0], [0.0]], [[-1.0], [1.0]]])  # realness of (x, E(x)), then of (G(z), z)
    gan.discriminator = lambda pair, training: ops.convert_to_tensor(next(constants))
    batch = gan.compute_losses(images[:2])
    softplus = np.logaddexp(0, [-2.0, -1.0, 0.0, 1.0, 2.0])
    d_loss = (softplus[0] + softplus[2]) / 2 + (softplus[1] + softplus[3]) / 2
    g_loss = (softplus[3] + softplus[1]) / 2 + (softplus[4] + softplus[2]) / 2
    assert float(batch.discriminator) == pytest.approx(d_loss, rel=1e-5)
    assert float(batch.generator) == pytest.approx(g_loss, rel=1e-5)
    assert float(batch.logs["d_accuracy"]) == 0.5


def test_g_and_e_move_with_one_loss_and_d_with_the_other(parts, prior, images):
    before = [[w.copy() for w in part.get_weights()] for part in parts]
    gan = BiGAN(*parts, prior)
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.1))
    gan.train_step(images)
    moved = [not np.array_equal(a, b) for w, p in zip(before, parts, strict=True)
             for a, b in zip(w, p.get_weights(), strict=True)]  # fmt: skip
    n_g, n_e = len(before[0]), len(before[1])
    assert any(moved[:n_g]) and all(moved[n_g : n_g + n_e]) and not any(moved[n_g + n_e :])


def test_r1_is_taken_by_both_parts_of_the_pair(parts, prior, images):
    weights = parts[2].layers[-1].get_weights()[0][:, 0]  # D is linear: its gradient is its weights
    weights[:64] /= 2  # with respect to 2x - 1
    d_loss = [float(BiGAN(*parts, prior, r1_weight=w).compute_losses(images).discriminator) for w in (0.0, 3.0)]
    assert d_loss[1] - d_loss[0] == pytest.approx(3 * np.sum(weights**2), rel=1e-3)
