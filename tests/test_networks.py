import numpy as np
import pytest

from ganinv_keras import networks
from ganinv_keras.layers import PixelShuffle


def test_creswell_table_1_to_the_letter():
    generator, discriminator = networks.creswell_generator(), networks.creswell_discriminator()
    assert generator.input_shape == (None, 100) and generator.output_shape == (None, 28, 28, 1)
    assert discriminator.input_shape == (None, 28, 28, 1) and discriminator.output_shape == (None, 1)
    kernels = [tuple(w.shape) for w in generator.weights if w.name == "kernel"]
    assert kernels == [(100, 1024), (1024, 6272), (5, 5, 64, 128), (5, 5, 1, 64)]
    kernels = [tuple(w.shape) for w in discriminator.weights if w.name == "kernel"]
    assert kernels == [(5, 5, 1, 64), (5, 5, 64, 128), (6272, 1024), (1024, 1)]


@pytest.mark.parametrize("image_size, channels", [(28, 1), (64, 3), (20, 1)])
def test_dcgan_shapes_and_range(image_size, channels):
    generator = networks.dcgan_generator(10, image_size, channels, width=4)
    discriminator = networks.dcgan_discriminator(image_size, channels, width=4)
    images = np.asarray(generator(np.random.default_rng(0).normal(size=(3, 10)) * 100))
    assert images.shape == (3, image_size, image_size, channels)
    assert 0 <= images.min() and images.max() <= 1
    assert discriminator(images).shape == (3, 1)


@pytest.mark.parametrize("image_size", [7, 30, 36])
def test_an_image_size_without_halves_is_refused(image_size):
    with pytest.raises(ValueError, match="`image_size`. Expected 4, 5, 6 or 7 times a power of two"):
        networks.dcgan_generator(image_size=image_size)


def test_outputs_are_float32_under_mixed_precision(monkeypatch):
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        generator, discriminator = networks.dcgan_generator(4, width=4), networks.dcgan_discriminator(width=4)
    finally:
        keras.config.set_dtype_policy(before)
    images = generator(np.zeros((1, 4), "float32"))
    assert images.dtype == "float32" and discriminator(images).dtype == "float32"


def test_egan_section_4_1_2_to_the_letter():
    generator, discriminator = networks.egan_generator(), networks.egan_discriminator()
    assert generator.input_shape == (None, 100) and generator.output_shape == (None, 64, 64, 3)
    assert discriminator.input_shape == (None, 64, 64, 3) and discriminator.output_shape == (None, 1)
    kernels = [tuple(w.shape) for w in generator.weights if w.name == "kernel"]
    assert kernels == [(100, 4 * 4 * 512), (4, 4, 256, 512), (4, 4, 128, 256), (4, 4, 64, 128), (4, 4, 3, 64)]
    kernels = [tuple(w.shape) for w in discriminator.weights if w.name == "kernel"]
    assert kernels == [(4, 4, 3, 64), (4, 4, 64, 128), (4, 4, 128, 256), (4, 4, 256, 512), (4 * 4 * 512, 1)]


def test_egan_pixel_shuffle_replaces_the_fourth_hidden_layer():
    generator = networks.egan_pixel_shuffle_generator(width=8)
    assert generator.output_shape == (None, 64, 64, 3)
    kernels = [tuple(w.shape) for w in generator.weights if w.name == "kernel"]
    assert kernels == [(100, 4 * 4 * 128), (4, 4, 64, 128), (4, 4, 32, 64), (4, 4, 3, 8)]
    shuffle = next(layer for layer in generator.layers if isinstance(layer, PixelShuffle))
    assert shuffle.input.shape == (None, 16, 16, 32) and shuffle.output.shape == (None, 32, 32, 8)
    z = np.random.default_rng(0).normal(size=(2, 100))
    images = [np.asarray(generator(z, training=training)) for training in (False, False, True, True)]
    assert np.array_equal(images[0], images[1]) and not np.allclose(images[2], images[3]), "dropout, in training only"


def test_egan_networks_use_the_whole_range():
    generator = networks.egan_generator(10, width=4)
    generator.set_weights([100 * w for w in generator.get_weights()])
    images = np.asarray(generator(np.random.default_rng(0).normal(size=(3, 10))))
    assert images.min() == pytest.approx(0, abs=1e-3) and images.max() == pytest.approx(1, abs=1e-3)
