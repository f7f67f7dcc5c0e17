import numpy as np
import pytest

from ganinv_keras import networks
from ganinv_keras.networks.layers import PixelShuffle


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


def kernels(model):
    return [tuple(w.shape) for w in model.weights if w.name == "kernel"]


def test_luo_tables_3_to_6_to_the_letter():
    generator, discriminator = networks.dcgan_generator(100, 64, 3), networks.luo_discriminator()
    encoder, of_pairs = networks.luo_encoder(), networks.luo_bigan_discriminator()
    halving = [(5, 5, 3, 64), (5, 5, 64, 128), (5, 5, 128, 256), (5, 5, 256, 512)]
    assert kernels(generator) == [(100, 8192), (5, 5, 256, 512), (5, 5, 128, 256), (5, 5, 64, 128), (5, 5, 3, 64)]
    assert kernels(discriminator) == [*halving, (8192, 1)]
    assert kernels(encoder) == [*halving, (8192, 100)]
    assert kernels(of_pairs) == [*halving[:3], (5, 5, 356, 512), (5, 5, 512, 512), (5, 5, 512, 512), (512, 1)]
    normalized = [sum(type(layer).__name__ == "BatchNormalization" for layer in model.layers)
                  for model in (generator, discriminator, encoder, of_pairs)]  # fmt: skip
    assert normalized == [4, 4, 4, 6]


def test_luo_encoder_answers_where_the_prior_lives():
    encoder = networks.luo_encoder(10, width=4)
    z_hat = np.asarray(encoder(np.random.default_rng(0).uniform(size=(3, 64, 64, 3)) * 1e4))
    assert z_hat.shape == (3, 10) and np.abs(z_hat).max() <= 1 and np.abs(z_hat).max() > 0.9


def test_luo_bigan_discriminator_uses_both_parts_of_a_pair():
    discriminator = networks.luo_bigan_discriminator(10, width=4)
    draw = np.random.default_rng(0)
    x, z = (draw.uniform(size=size).astype("float32") * 1e3 for size in [(2, 64, 64, 3), (2, 10)])
    realness = discriminator([x, z])
    assert realness.shape == (2, 1)
    assert not np.allclose(realness, discriminator([x[::-1], z])) and not np.allclose(
        realness, discriminator([x, z[::-1]])
    )


def test_donahue_perceptrons_take_all_pixels_and_the_latent():
    generator, encoder = networks.donahue_generator(), networks.donahue_encoder()
    discriminator = networks.donahue_discriminator()
    assert kernels(generator) == [(50, 1024), (1024, 1024), (1024, 784)]
    assert kernels(encoder) == [(784, 1024), (1024, 1024), (1024, 50)]
    assert kernels(discriminator) == [(834, 1024), (1024, 1024), (1024, 1)]
    draw = np.random.default_rng(0)
    x, z = (draw.uniform(size=size).astype("float32") * 100 for size in [(2, 28, 28, 1), (2, 50)])
    realness = discriminator([x, z])
    assert not any(np.allclose(realness, discriminator(pair)) for pair in ([x[::-1], z], [x, z[::-1]]))
    images = np.asarray(generator(z))
    assert images.shape == (2, 28, 28, 1) and 0 <= images.min() < images.max() <= 1 and encoder(x).shape == (2, 50)


NUMBERS = {
    "creswell_generator": "latent_dim width", "creswell_discriminator": "width",
    "dcgan_generator": "latent_dim image_size channels width", "dcgan_discriminator": "image_size channels width",
    "donahue_generator": "latent_dim width", "donahue_encoder": "latent_dim width",
    "donahue_discriminator": "latent_dim width",
    "egan_generator": "latent_dim width", "egan_pixel_shuffle_generator": "latent_dim width",
    "egan_discriminator": "width",
    "luo_discriminator": "width", "luo_encoder": "latent_dim width", "luo_bigan_discriminator": "latent_dim width",
    "style_generator": "latent_dim image_size channels width max_channels",
    "style_discriminator": "latent_dim image_size channels width max_channels",
    "style_embedder": "latent_dim image_size channels width max_channels",
    "style_encoder": "latent_dim width", "style_angle_encoder": "latent_dim width",
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_builders_are_whole(name):
    assert set(NUMBERS) == set(networks.__all__) - {"initial"}
    for argument in NUMBERS[name].split():
        for value in (0, -1, 2.5, None, "8", np.nan):
            with pytest.raises(ValueError, match=f"argument `{argument}`. Expected a whole number ≥ 1. Received: "):
                getattr(networks, name)(**{argument: value})


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_builders_may_be_of_numpy_or_whole_floats(name):
    sizes = {"latent_dim": 7, "image_size": 28 if "dcgan" in name else 16, "channels": 2, "width": 1, "max_channels": 3}
    sizes = {key: sizes[key] for key in NUMBERS[name].split()}
    if "style" in name:
        sizes |= {"image_size": 16, "max_channels": 3}
    plain = getattr(networks, name)(**sizes)
    for kind in (np.int64, float):
        other = getattr(networks, name)(**{key: kind(value) for key, value in sizes.items()})
        assert [w.shape for w in other.weights] == [w.shape for w in plain.weights]
        assert (other.input_shape, other.output_shape) == (plain.input_shape, plain.output_shape)
