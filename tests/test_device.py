import keras
import numpy as np
import pytest
import tensorflow as tf
from samples import squares

from ganinv_keras import device
from ganinv_keras.networks.priors import Uniform
from ganinv_keras.training.encoders import AEGAN
from ganinv_keras.training.gan import GAN


def test_precision_follows_the_reader(monkeypatch):
    monkeypatch.setenv("GANINV_PRECISION", "mixed_bfloat16")
    assert device.precision() == "mixed_bfloat16"
    monkeypatch.setenv("GANINV_PRECISION", "bfloat")
    with pytest.raises(ValueError, match="Unknown precision 'bfloat'"):
        device.precision()


@pytest.mark.parametrize(
    ("capability", "policy"),
    [((9, 0), "mixed_bfloat16"), ((8, 0), "mixed_bfloat16"), ((7, 5), "mixed_float16"), ((6, 1), "float32")],
)
def test_precision_of_a_card_follows_its_capability(monkeypatch, capability, policy):
    monkeypatch.delenv("GANINV_PRECISION", raising=False)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a card"])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: {"compute_capability": capability})
    assert device.precision() == policy and device.jit_compile()


def gan_in(policy, jit_compile=False):
    """Return a small GAN whose networks, equal in each call, have a dtype policy."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    try:
        z, x = keras.Input((4,)), keras.Input((8, 8, 1))
        h = keras.layers.Conv2DTranspose(1, 3, 2, "same")(keras.layers.Reshape((4, 4, 4))(keras.layers.Dense(64)(z)))
        generator = keras.Model(z, keras.layers.Activation("sigmoid", dtype="float32")(h))
        h = keras.layers.Flatten()(keras.layers.LeakyReLU(0.2)(keras.layers.Conv2D(4, 3, 2, "same")(x)))
        discriminator = keras.Model(x, keras.layers.Dense(1, dtype="float32")(h))
        gan = GAN(generator, discriminator, Uniform(4), r1_weight=1.0, ema=0.9)
    finally:
        keras.config.set_dtype_policy("float32")
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), jit_compile=jit_compile)
    return gan


def test_float16_scales_the_losses_of_both_optimisers_and_takes_the_same_steps():
    gans = {policy: gan_in(policy) for policy in ("float32", "mixed_float16")}
    start = gans["float32"].get_weights()
    for gan in gans.values():
        gan.fit_images(squares(), 1, 3, 8, verbose=0)
    half = gans["mixed_float16"]
    assert all(isinstance(o, keras.optimizers.LossScaleOptimizer) for o in (half.d_optimizer, half.g_optimizer))
    assert not isinstance(gans["float32"].d_optimizer, keras.optimizers.LossScaleOptimizer)
    assert int(half.step) == 3
    for before, a, b in zip(start, gans["float32"].get_weights(), half.get_weights(), strict=False):
        moved = np.abs(np.subtract(a, before)).max()
        assert np.allclose(a, b, atol=0.05 * moved + 1e-6)


def test_float16_skips_a_step_whose_gradients_overflow_and_still_counts_it():
    gan = gan_in("mixed_float16")
    gan.d_optimizer.dynamic_scale.assign(1e30)
    before = gan.discriminator.get_weights()
    gan.train_step(tf.constant(squares(8).images))
    assert all(np.array_equal(a, b) for a, b in zip(before, gan.discriminator.get_weights(), strict=True))
    assert float(gan.d_optimizer.dynamic_scale) == pytest.approx(5e29) and int(gan.step) == 1


def test_float16_scales_the_loss_of_an_encoder():
    moved = {}
    for policy in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        try:
            keras.utils.set_random_seed(0)
            generator, x = gan_in(policy).generator, keras.Input((8, 8, 1))
            keras.config.set_dtype_policy(policy)
            encoder = keras.Model(x, keras.layers.Dense(4, dtype="float32")(keras.layers.Flatten()(x)))
            training = AEGAN(generator, encoder, Uniform(4))
        finally:
            keras.config.set_dtype_policy("float32")
        training.compile(keras.optimizers.SGD(1.0), jit_compile=False)
        before = encoder.get_weights()[0]
        training.fit_generated(1, 3, 8, verbose=0)
        moved[policy] = encoder.get_weights()[0] - before
    assert isinstance(training.optimizer, keras.optimizers.LossScaleOptimizer)
    assert np.allclose(*moved.values(), atol=0.05 * np.abs(moved["float32"]).max())
