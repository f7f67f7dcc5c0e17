import keras
import numpy as np
import pytest
import tensorflow as tf
from samples import squares

from ganinv_keras.inversion.encoder import EncoderInverter
from ganinv_keras.networks.priors import Angular, Normal
from ganinv_keras.networks.spherical import SphericalToCartesian
from ganinv_keras.networks.style import style_angle_encoder, style_embedder, style_generator
from ganinv_keras.training.direction_embedding import AngleErrorGAN, DirectionEmbeddingGAN

SHAPE = {"latent_dim": 7, "image_size": 8, "channels": 1, "width": 4, "max_channels": 8}


def small(method=DirectionEmbeddingGAN, **kwargs):
    gan = method(style_generator(**SHAPE, angular=True), style_embedder(**SHAPE), Angular(7), **kwargs)
    gan.compile(*(keras.optimizers.Adam(1e-3, 0.0, 0.99) for _ in range(2)), jit_compile=False)
    return gan


def test_algorithm_1_by_hand():
    gan, x = small(embedding_weight=3.0), squares(5).images
    found = gan.compute_losses(tf.constant(x))
    gan.seed_generator.state.assign([0, 0])
    z_s = gan.prior.sample(5, gan.seed_generator)
    z_c, z_prime = (np.asarray(a) for a in (SphericalToCartesian()(z_s), gan.discriminator(gan.generator(z_s))))
    v_g, v_r = (np.log(np.linalg.norm(a, axis=1)) for a in (z_prime, gan.discriminator(x)))
    cosines = np.sum(z_c * z_prime, axis=1) / np.linalg.norm(z_prime, axis=1)
    embedding_loss = np.tan(np.arccos(cosines)).mean()
    d_loss = np.log1p(np.exp(v_r)).mean() + np.log1p(np.exp(-v_g)).mean()  # D lowers v_r and raises v_g
    g_loss = np.log1p(np.exp(v_g)).mean()  # G lowers v_g
    assert float(found.logs["embedding_loss"]) == pytest.approx(embedding_loss, rel=1e-4)
    assert float(found.discriminator) == pytest.approx(d_loss + 3 * embedding_loss, rel=1e-4)
    assert float(found.generator) == pytest.approx(g_loss + 3 * embedding_loss, rel=1e-4)
    assert float(found.logs["d_accuracy"]) == pytest.approx(np.mean(v_r < v_g))


@pytest.mark.parametrize(("rates", "sign"), [((1e-2, 0.0), 1), ((0.0, 1e-2), -1)])
def test_discriminator_and_generator_pull_to_opposite_sides(rates, sign):
    gan, x = small(embedding_weight=0.0), tf.constant(squares(16).images)
    gan.compile(*(keras.optimizers.Adam(rate, 0.0, 0.99) for rate in rates), jit_compile=False)

    def difference():
        generated, real = gan.discriminator(gan.generator(gan.prior.sample(16, seed=3))), gan.discriminator(x)
        v_g, v_r = (tf.math.log(tf.norm(a, axis=1)) for a in (generated, real))
        return float(tf.reduce_mean(v_g) - tf.reduce_mean(v_r))

    before = difference()
    for _ in range(20):
        gan.train_step(x)
    assert sign * (difference() - before) > 0.05, "D raises v_g and lowers v_r, G lowers v_g"


def test_both_networks_lower_the_embedding_loss():
    gan, x = small(), tf.constant(squares(5).images)
    with tf.GradientTape(persistent=True) as tape:
        embedding_loss = gan.compute_losses(x).logs["embedding_loss"]
    for model in (gan.generator, gan.encoder):
        assert all(np.any(g) for g in tape.gradient(embedding_loss, model.trainable_variables))


def test_the_weight_follows_its_schedule():
    weight = keras.optimizers.schedules.PiecewiseConstantDecay([2], [1.0, 10.0])
    gan, plain, x = small(embedding_weight=weight), small(embedding_weight=0.0), tf.constant(squares(5).images)
    plain.set_weights(gan.get_weights())
    for step, expected in ((0, 1), (2, 1), (3, 10)):
        gan.step.assign(step)
        gan.seed_generator.state.assign([0, 0])
        plain.seed_generator.state.assign([0, 0])
        with_it, without = gan.compute_losses(x), plain.compute_losses(x)
        added = float(with_it.discriminator - without.discriminator)
        assert added == pytest.approx(expected * float(with_it.logs["embedding_loss"]), rel=1e-3)


def test_the_plain_error_of_the_angles_by_hand():
    gan = small(AngleErrorGAN)
    z, z_prime = (gan.prior.sample(6, seed) for seed in (0, 1))
    to_cartesian = SphericalToCartesian()
    found = float(gan.embedding_loss(to_cartesian(z), to_cartesian(z_prime)))
    assert found == pytest.approx(np.mean(np.square(z - z_prime)) * 48 / np.pi**2, rel=1e-4)


def test_generations_weighed_alike_by_hand():
    gan = small(AngleErrorGAN, generation_ratio=0.5)
    z, z_prime = (gan.prior.sample(6, seed) for seed in (0, 1))
    to_cartesian, square = SphericalToCartesian(), np.square(z - z_prime)
    found = float(gan.embedding_loss(to_cartesian(z), to_cartesian(z_prime)))
    generations = [np.mean(square[:, :1]), np.mean(square[:, 1:3]), np.mean(square[:, 3:])]
    assert found == pytest.approx(np.mean(generations) * 48 / np.pi**2, rel=1e-4)


def test_r1_is_of_the_log_length():
    gan, x = small(r1_weight=2.0), tf.constant(squares(4).images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        v = tf.math.log(tf.norm(gan.discriminator(x), axis=1))
    slope = tape.gradient(v, x).numpy() / 2  # images in [-1, 1]
    assert float(gan.penalty(x, None)) == pytest.approx(2 * np.mean(np.sum(slope**2, axis=(1, 2, 3))), rel=1e-4)


def test_the_answer_is_positive():
    embedder = style_embedder(**SHAPE)
    assert np.min(embedder(100 * squares(16).images - 50)) > 0
    assert embedder.output_shape == (None, 8)


def test_the_encoder_answers_angles_image_by_image():
    gan = small()
    assert gan.encoder.count_params() == style_angle_encoder(**SHAPE).count_params()
    x = gan.generator(gan.prior.sample(7, seed=0)).numpy()
    inverter = EncoderInverter(gan.encoder, gan.sampler)
    together, alone = inverter.invert(x), inverter.invert(x[3:4])
    assert together.z.shape == (7, 7) and together.z.min() > 0 and together.z.max() < np.pi / 2
    assert np.allclose(alone.z, together.z[3:4], atol=1e-5)


def test_the_encoder_does_not_see_the_length():
    gan = small()
    to_angles = keras.Model(gan.discriminator.output, gan.encoder.output)
    z_prime = np.random.default_rng(0).gamma(1.0, size=(5, 8)).astype("float32")
    assert np.allclose(to_angles(z_prime), to_angles(20 * z_prime), atol=1e-6)


def test_mixed_precision_keeps_angles_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        gan = small()
    finally:
        keras.config.set_dtype_policy("float32")
    z = gan.prior.sample(5, seed=0)
    assert np.allclose(gan.to_spherical(gan.to_cartesian(z)), z, atol=1e-5)
    assert gan.encoder(gan.generator(z)).dtype == "float32"


def test_other_priors_and_other_answers_are_refused():
    generator, embedder = style_generator(**SHAPE, angular=True), style_embedder(**SHAPE)
    with pytest.raises(ValueError, match=r"the prior must be Angular\(d\), got Normal\(dim=7\)"):
        DirectionEmbeddingGAN(generator, embedder, Normal(7))
    with pytest.raises(ValueError, match=r"vectors of shape \(n, 8\), got \[\(16,\)\]"):
        DirectionEmbeddingGAN(generator, style_embedder(**SHAPE | {"latent_dim": 15}), Angular(7))


def test_a_step_under_xla_is_the_same_step(monkeypatch):
    z = Angular(7).sample(4, seed=0)  # XLA draws other numbers from the same seed
    monkeypatch.setattr(Angular, "sample", lambda self, n, seed: z)
    gan, x, losses = small(r1_weight=1.0), tf.constant(squares(4).images), []
    for step in (gan.compute_losses, tf.function(gan.compute_losses, autograph=False, jit_compile=True)):
        losses.append([float(loss) for loss in step(x)[:2]])
    assert np.allclose(losses[0], losses[1], rtol=1e-4)
