import keras
import numpy as np
import pytest

from ganinv_keras.networks.layers import Blur
from ganinv_keras.networks.priors import Normal
from ganinv_keras.networks.style import style_discriminator, style_generator
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN
from ganinv_keras.training.growing import grow


def gan(image_size, width, **kwargs):
    shape = {"latent_dim": 6, "image_size": image_size, "channels": 3, "width": width, "max_channels": 8}
    networks = style_generator(**shape, brightness=0.4), style_discriminator(**shape)
    model = DynamicLatentScaleGAN(*networks, Normal(6), ema=0.9, past_batches=4, **kwargs)
    model.compile(*(keras.optimizers.Adam(1e-3, 0.0, 0.99) for _ in range(2)), jit_compile=False)
    return model


@pytest.fixture
def trained():
    model = gan(16, 8, seed=1)
    for _ in range(3):
        model.train_step(keras.random.uniform((4, 16, 16, 3)))
    return model


def logit(x):
    return np.log(x / (1 - x))


def test_a_grown_generator_draws_what_the_small_one_draws_doubled(trained):
    large = gan(32, 4)
    grow(large, trained)
    z = trained.prior.sample(3, seed=0)
    for network, small in ((large.generator, trained.generator), (large.sampler, trained.sampler)):
        x = np.asarray(small(z), "float64")
        sum_of_sizes = (logit(x) - logit(0.4)).astype("float32")
        doubled = np.asarray(Blur((1, 2, 1))(keras.layers.UpSampling2D(2)(sum_of_sizes)))
        assert logit(np.asarray(network(z), "float64")) == pytest.approx(doubled + logit(0.4), abs=1e-3)
    assert not np.allclose(trained.generator(z), trained.sampler(z))


def test_a_grown_discriminator_takes_all_layers_but_the_first(trained):
    large = gan(32, 4)
    grow(large, trained)
    old, new = ({layer.name: layer.get_weights() for layer in model.discriminator.layers if layer.weights}
                for model in (trained, large))  # fmt: skip
    assert set(old) - set(new) == {"from_image_16"}
    assert set(new) - set(old) == {"from_image_32", "shortcut_32", "conv_32_a", "conv_32_b"}
    assert all(np.array_equal(a, b) for name in set(old) & set(new) for a, b in zip(old[name], new[name], strict=True))
    assert np.array_equal(large.moments, trained.moments) and np.array_equal(
        large.latent_scale.v, trained.latent_scale.v
    )
    large.train_step(keras.random.uniform((4, 32, 32, 3)))
    assert not np.array_equal(large.latent_scale.v, trained.latent_scale.v), "the scale goes on moving"


def test_networks_of_other_widths_do_not_fit(trained):
    with pytest.raises(ValueError, match="shape"):
        grow(gan(32, 2), trained)
