import keras
import numpy as np
import pytest
import tensorflow as tf
from samples import squares

from ganinv_keras import losses
from ganinv_keras.inversion.encoder import EncoderInverter
from ganinv_keras.networks.priors import Normal
from ganinv_keras.networks.style import style_discriminator, style_encoder, style_generator
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN

SHAPE = {"latent_dim": 6, "image_size": 8, "channels": 1, "width": 4, "max_channels": 8}


def small(**kwargs):
    gan = DynamicLatentScaleGAN(style_generator(**SHAPE), style_discriminator(**SHAPE), Normal(6), **kwargs)
    gan.compile(*(keras.optimizers.Adam(1e-3, 0.0, 0.99) for _ in range(2)), jit_compile=False)
    return gan


def test_algorithm_1_by_hand():
    gan, x = small(encoder_weight=3.0), tf.constant(squares(5).images)
    v = np.array([4, 1, 1, 0.25, 1, 0.75], "float32")
    gan.latent_scale.v.assign(v)
    found = gan.compute_losses(x)
    gan.seed_generator.state.assign([0, 0])
    z = gan.prior.sample(5, gan.seed_generator).numpy()
    gan.latent_scale.v.assign(v)
    s = np.sqrt(6 * v / v.sum())
    realness, z_hat = (np.asarray(a) for a in gan.discriminator(gan.generator(z)))
    encoder_loss = np.mean((z - z_hat) ** 2 * s**2)
    d_loss, g_loss = losses.non_saturating(gan.discriminator(x)[0], realness)
    assert float(found.logs["encoder_loss"]) == pytest.approx(encoder_loss, rel=1e-4)
    assert float(found.discriminator) == pytest.approx(float(d_loss) + 3 * encoder_loss, rel=1e-4)
    assert float(found.generator) == pytest.approx(float(g_loss) + 3 * encoder_loss, rel=1e-4)


def test_both_networks_lower_the_encoder_loss_and_v_gets_no_gradient():
    gan, x = small(), tf.constant(squares(5).images)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(gan.latent_scale.v.value)
        encoder_loss = gan.compute_losses(x).logs["encoder_loss"]
    assert tape.gradient(encoder_loss, gan.latent_scale.v.value) is None
    for model in (gan.generator, gan.encoder):
        assert all(np.any(g) for g in tape.gradient(encoder_loss, model.trainable_variables))


def test_the_moving_average_of_v_by_hand():
    gan = small(past_batches=3)
    batches = [np.full((2, 6), value, "float32") for value in (2, 3, 4, 5)]
    expected = [(1 + 1 + 4) / 3, (1 + 4 + 9) / 3, (4 + 9 + 16) / 3, (9 + 16 + 25) / 3]
    for batch, v in zip(batches, expected, strict=True):
        gan.update_v(np.ones_like(batch), batch)
        assert np.allclose(gan.latent_scale.v, v)


def test_the_exponential_average_of_v_by_hand():
    gan = small(past_batches=None, v_momentum=0.75)
    z_hat = np.array([[1, 2, 3, 0, 0, 0], [3, 2, 1, 0, 0, 0]], "float32")
    gan.update_v(np.ones_like(z_hat), z_hat)
    assert np.allclose(gan.latent_scale.v, 0.75 + 0.25 * np.array([5, 4, 5, 0, 0, 0]))


@pytest.mark.parametrize("options", [{"past_batches": 1}, {"past_batches": None, "v_momentum": 0.0}])
def test_v_from_the_correlation_does_not_count_noise(options):
    gan = small(v_from="correlation", **options)
    z = np.array([[1, 1, 1, 1, 1, 2], [-1, -1, -1, -1, -1, -2]], "float32")
    z_hat = np.array([[1, 3, 0.1, -1, 3, 4], [-1, -3, -0.1, 1, 1, 0]], "float32")
    gan.update_v(z, z_hat)
    assert np.allclose(gan.latent_scale.v, [1, 1, 1, 1, 1 / 5, 16 / (8 * 4)])


def test_the_scale_waits_for_its_step():
    gan = small(past_batches=2, scale_from=5)
    moments = []
    for step in (0, 4, 5, 6):
        gan.step.assign(step)
        gan.update_v(np.ones((2, 6), "float32"), np.full((2, 6), 3, "float32"))
        moments.append(float(gan.latent_scale.v[0]))
    assert moments == [1, 1, (1 + 9) / 2, 9]


def test_the_twin_without_scaling_keeps_the_scale_one():
    dynamic, twin = small(), small(dynamic=False)
    for gan in (dynamic, twin):
        gan.train_step(tf.constant(squares(5).images))
    assert np.array_equal(twin.latent_scale.scale, np.ones(6)) and np.ptp(dynamic.latent_scale.scale) > 0


def test_lazy_r1_weighs_the_same_on_average():
    gan, x = small(r1_weight=0.5, r1_every=4), tf.constant(squares(5).images)
    values = []
    for step in range(8):
        gan.step.assign(step)
        values.append(float(gan.penalty(x, None)))
    every_step = 0.5 * float(losses.r1(gan.realness, x))
    assert values[1:4] == values[5:] == [0, 0, 0] and np.mean(values) == pytest.approx(every_step, rel=1e-4)


def test_one_image_alone_has_the_latent_that_it_has_in_a_batch():
    gan = small()
    x = squares(7).images
    inverter = EncoderInverter(gan.encoder, gan.sampler)
    together = inverter.invert(x)
    alone = inverter.invert(x[3:4])
    assert np.allclose(alone.z, together.z[3:4], atol=1e-5)
    assert np.allclose(alone.images, together.images[3:4], atol=1e-5)


def test_a_generator_carries_its_scale(tmp_path):
    gan = small()
    gan.latent_scale.v.assign([4, 1, 1, 0.25, 1, 0.75])
    gan.generator.save(tmp_path / "g.keras")
    loaded = keras.saving.load_model(tmp_path / "g.keras")
    z = gan.prior.sample(3, seed=0)
    assert np.allclose(loaded(z), gan.generator(z), atol=1e-6)
    assert np.array_equal(loaded.get_layer("latent_scale").v, gan.latent_scale.v)


def test_a_training_that_is_stopped_goes_on(tmp_path):
    whole, parts, checkpoint = small(ema=0.9), small(ema=0.9), tmp_path / "x.weights.h5"
    parts.set_weights(whole.get_weights())
    length = {"steps_per_epoch": 2, "batch_size": 4, "verbose": 0}
    whole.fit_images(squares(), epochs=2, **length)
    parts.fit_images(squares(), epochs=1, checkpoint=checkpoint, **length)
    resumed = small(ema=0.9)
    resumed.fit_images(squares(), epochs=2, checkpoint=checkpoint, **length)
    for a, b in zip(whole.weights, resumed.weights, strict=True):
        assert np.allclose(a, b, atol=1e-5), a.path


def test_a_step_under_xla_is_the_same_step(monkeypatch):
    z = Normal(6).sample(4, seed=0)  # XLA draws other numbers from the same seed
    monkeypatch.setattr(Normal, "sample", lambda self, n, seed: z)
    gan, x, losses = small(r1_weight=1.0, r1_every=2), tf.constant(squares(4).images), []
    start = gan.get_weights()
    for step in (gan.train_step, tf.function(gan.train_step, autograph=False, jit_compile=True)):
        gan.set_weights(start)
        gan.step.assign(0)  # a step with R1
        losses.append([float(loss) for loss in step(x).values()])
    assert np.allclose(losses[0], losses[1], rtol=1e-4)


def test_a_discriminator_without_the_second_head_is_refused():
    x = keras.Input((8, 8, 1))
    one_head = keras.Model(x, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    with pytest.raises(
        ValueError, match=r"must answer \[realness, z_hat\] of shapes \(n, 1\) and \(n, 6\), got \[\(1,\)\]"
    ):
        DynamicLatentScaleGAN(style_generator(**SHAPE), one_head, Normal(6))


def test_the_encoder_is_a_part_of_the_discriminator():
    gan = small()
    assert gan.encoder.count_params() == style_encoder(**SHAPE).count_params()
    x = squares(3).images
    assert np.array_equal(gan.encoder(x), gan.discriminator(x)[1])
