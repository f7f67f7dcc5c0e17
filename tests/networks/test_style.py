import keras
import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras import losses
from ganinv_keras.networks.style import style_discriminator, style_embedder, style_generator

SMALL = {"latent_dim": 6, "image_size": 16, "channels": 3, "width": 4, "max_channels": 8}


@pytest.mark.parametrize(("size", "channels"), [(32, 1), (64, 3), (128, 3)])
def test_one_builder_for_all_sizes(size, channels):
    shape = {"latent_dim": 16, "image_size": size, "channels": channels, "width": 4}
    generator, discriminator = style_generator(**shape), style_discriminator(**shape)
    x = generator(np.random.default_rng(0).normal(size=(2, 16)))
    assert x.shape == (2, size, size, channels) and 0 < np.min(x) and np.max(x) < 1
    assert [tuple(a.shape) for a in discriminator(x)] == [(2, 1), (2, 16)]


def test_channels_double_up_to_the_bound():
    generator = style_generator(latent_dim=16, image_size=64, width=4, max_channels=32)
    widths = [layer.units for layer in generator.layers if getattr(layer, "kernel_size", 1) == 3]
    assert widths == [32, 32, 32, 16, 16, 8, 8, 4, 4]


def test_an_untrained_generator_draws_around_the_brightness():
    grey, dark = style_generator(**SMALL), style_generator(**SMALL, brightness=0.1)
    dark.set_weights(grey.get_weights())
    z = np.random.default_rng(0).normal(size=(4, 6))
    x, darker = (np.asarray(generator(z), "float64") for generator in (grey, dark))
    assert np.allclose(darker / (1 - darker), x / (1 - x) / 9, rtol=1e-4), "odds of 1 to 1 become 1 to 9"
    with pytest.raises(ValueError, match="`brightness`. Expected a number between 0 and 1. Received: 1.0"):
        style_generator(**SMALL, brightness=1.0)


@pytest.mark.parametrize("size", [0, 4, 48])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="image_size"):
        style_generator(image_size=size)


def test_nothing_depends_on_the_batch():
    discriminator = style_discriminator(**SMALL)
    x = np.random.default_rng(0).random((4, 16, 16, 3), "float32")
    together = discriminator(x, training=True)
    alone = discriminator(x[2:3], training=True)
    assert all(np.allclose(a[2:3], b, atol=1e-5) for a, b in zip(together, alone, strict=True))


def test_signals_keep_their_size_at_the_start():
    discriminator = style_discriminator(latent_dim=64, image_size=32, width=16, max_channels=64)
    z_hat = discriminator(np.random.default_rng(0).random((16, 32, 32, 3), "float32"))[1]
    assert 0.1 < float(np.std(z_hat)) < 3


def test_r1_against_finite_differences_through_the_whole_discriminator():
    discriminator = style_discriminator(**SMALL | {"image_size": 8, "channels": 1})
    x = np.random.default_rng(1).random((1, 8, 8, 1), "float32")

    def realness(x):
        return discriminator(x, training=True)[0]

    step = 5e-4
    moved = np.repeat(x, 64, axis=0)
    moved[np.arange(64), np.arange(64) // 8, np.arange(64) % 8, 0] += step
    back = 2 * np.repeat(x, 64, axis=0) - moved
    gradient = (realness(moved) - realness(back)).numpy() / (2 * step)
    r1 = losses.r1(realness, tf.constant(x))
    assert float(r1) == pytest.approx(np.sum((gradient / 2) ** 2), rel=0.005)

    kernel = discriminator.get_layer("realness").kernel  # R1 jumps where a unit changes its side, but not along this
    with tf.GradientTape() as tape:
        r1 = losses.r1(realness, tf.constant(x))
    slope = tape.gradient(r1, kernel.value).numpy()
    direction, step = slope / np.linalg.norm(slope), 0.1
    values = []
    for sign in (1, -1):
        kernel.assign_add(sign * step * direction)
        values.append(float(losses.r1(realness, tf.constant(x))))
        kernel.assign_sub(sign * step * direction)
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(np.linalg.norm(slope), rel=0.05)


def test_the_embedding_is_a_softplus():
    x = np.random.default_rng(0).random((4, 8, 8, 1), "float32")
    D = style_embedder(latent_dim=7, image_size=8, channels=1, width=2)
    before = keras.Model(D.input, D.get_layer("vector").output)
    assert np.min(D(x)) > 0 and np.allclose(D(x), np.log1p(np.exp(before(x))), rtol=1e-5)


@pytest.mark.parametrize("brightness", [0.0, np.nan, None, "0.5", -0.1])
def test_a_brightness_lies_between_black_and_white(brightness):
    with pytest.raises(ValueError, match="argument `brightness`. Expected a .*number"):
        style_generator(**SMALL, brightness=brightness)
