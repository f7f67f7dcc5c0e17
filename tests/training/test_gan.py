import os
import signal
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf
from samples import squares

from ganinv_keras import losses
from ganinv_keras.networks.priors import Uniform
from ganinv_keras.training.callbacks import SampleGrid
from ganinv_keras.training.gan import GAN, refresh_batch_norm


def compiled(parts, prior, **kwargs):
    gan = GAN(*parts, prior, **kwargs)
    gan.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3), jit_compile=False)
    return gan


def moved(before, model):
    return [not np.array_equal(a, b.numpy()) for a, b in zip(before, model.trainable_variables, strict=True)]


def test_each_optimizer_moves_only_its_own_variables(small_gan_parts, prior):
    generator, discriminator = small_gan_parts
    gan = compiled(small_gan_parts, prior)
    g_before = [v.numpy() for v in generator.trainable_variables]
    d_before = [v.numpy() for v in discriminator.trainable_variables]
    gan.g_optimizer.learning_rate = 0.0
    gan.train_step(tf.constant(squares(8).images))
    assert not any(moved(g_before, generator)) and all(moved(d_before, discriminator))
    gan.g_optimizer.learning_rate, gan.d_optimizer.learning_rate = 1e-3, 0.0
    d_before = [v.numpy() for v in discriminator.trainable_variables]
    gan.train_step(tf.constant(squares(8).images))
    assert any(moved(g_before, generator)) and not any(moved(d_before, discriminator))


def test_a_training_step_applies_the_gradients_of_the_hook(small_gan_parts, prior):
    generator, discriminator = small_gan_parts
    gan = GAN(generator, discriminator, prior)
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2))
    x = tf.constant(squares(8).images)
    with tf.GradientTape(persistent=True) as tape:
        found = gan.compute_losses(x)
    d_kernel, g_kernel = discriminator.trainable_variables[0], generator.trainable_variables[0]
    expected_d = d_kernel.numpy() - 0.1 * tape.gradient(found.discriminator, d_kernel).numpy()
    expected_g = g_kernel.numpy() - 0.2 * tape.gradient(found.generator, g_kernel).numpy()
    gan.seed_generator.state.assign([0, 0])  # the same latents again
    gan.train_step(x)
    assert np.allclose(d_kernel.numpy(), expected_d, atol=1e-6) and np.allclose(g_kernel.numpy(), expected_g, atol=1e-6)


def test_penalties_are_added_with_their_weights(small_gan_parts, prior):
    x = tf.constant(squares(8).images)
    plain = GAN(*small_gan_parts, prior).compute_losses(x).discriminator
    with_r1 = GAN(*small_gan_parts, prior, r1_weight=3.0).compute_losses(x).discriminator
    r1 = float(losses.r1(small_gan_parts[1], x))
    assert float(with_r1 - plain) == pytest.approx(3 * r1, rel=1e-3)
    wgan, lightly, heavily = (
        float(GAN(*small_gan_parts, prior, "wasserstein", gradient_penalty_weight=w).compute_losses(x).discriminator)
        for w in (0.0, 1.0, 10.0)
    )
    assert heavily - wgan == pytest.approx(10 * (lightly - wgan), rel=1e-3) and lightly > wgan + 0.01


def test_the_log_has_both_losses_and_the_accuracy_of_the_epoch(small_gan_parts, prior):
    gan = compiled(small_gan_parts, prior)
    history = gan.fit_images(squares(), epochs=2, steps_per_epoch=3, batch_size=8, verbose=0).history
    assert sorted(history) == ["d_accuracy", "d_loss", "g_loss"]
    assert len(history["d_loss"]) == 2


def test_the_accuracy_is_the_share_of_pairs_in_the_right_order(small_gan_parts, prior):
    gan = GAN(*small_gan_parts, prior)
    answers = iter([[[2.0], [0.0], [1.0], [3.0]], [[1.0], [1.0], [1.5], [-1.0]]])  # of real images, then of generated
    gan.discriminator = lambda x, training: tf.constant(next(answers))
    assert float(gan.compute_losses(tf.constant(squares(4).images)).logs["d_accuracy"]) == 0.5


def test_training_under_xla_is_the_same_training(small_gan_parts, prior, monkeypatch):
    z = prior.sample(8, seed=0)  # XLA draws other numbers from the same seed
    monkeypatch.setattr(Uniform, "sample", lambda self, n, seed: z)
    start, losses = [part.get_weights() for part in small_gan_parts], []
    for jit_compile in (False, True):
        for part, weights in zip(small_gan_parts, start, strict=True):
            part.set_weights(weights)
        gan = GAN(*small_gan_parts, prior, r1_weight=1.0, r1_every=2, ema=0.9)
        gan.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3), jit_compile=jit_compile)
        history = gan.fit_images(squares(), epochs=2, steps_per_epoch=1, batch_size=8, verbose=0).history
        losses.append([history["d_loss"], history["g_loss"]])
    assert np.allclose(losses[0], losses[1], rtol=1e-3)


def test_the_moving_average_by_hand(small_gan_parts, prior):
    gan = compiled(small_gan_parts, prior, ema=0.75)
    assert gan.sampler is gan.ema_generator
    start = gan.generator.get_weights()
    gan.train_step(tf.constant(squares(8).images))
    for average, old, new in zip(gan.ema_generator.get_weights(), start, gan.generator.get_weights(), strict=True):
        assert np.allclose(average, 0.75 * old + 0.25 * new, atol=1e-6)


def test_refreshed_statistics_are_those_of_the_prior(small_gan_parts, prior):
    generator, _ = small_gan_parts
    normalization = next(layer for layer in generator.layers if "normalization" in layer.name)
    refresh_batch_norm(generator, prior, n=500, seed=1)
    before = keras.Model(generator.input, normalization.input)(prior.sample(500, 1)).numpy()
    assert np.allclose(normalization.moving_mean, before.mean((0, 1, 2)), atol=1e-4)
    assert np.allclose(normalization.moving_variance, before.var((0, 1, 2)), rtol=1e-3)
    assert normalization.momentum == 0.99


def test_statistics_are_refreshed_in_models_within_models(small_gan_parts, prior):
    inner = small_gan_parts[0]
    z = keras.Input((4,))
    normalization = next(layer for layer in inner.layers if "normalization" in layer.name)
    before = normalization.moving_variance.numpy()
    with pytest.raises(ValueError, match="argument `n`. Expected a whole number ≥ 2. Received: 0"):
        refresh_batch_norm(inner, prior, n=0)
    assert np.array_equal(normalization.moving_variance, before)
    refresh_batch_norm(keras.Model(z, keras.layers.Rescaling(1.0)(inner(z))), prior, n=500, seed=1)
    assert normalization.moving_variance.numpy().max() < 0.9 * before.min()


def test_sample_grid_draws_the_same_latents_every_time(small_gan_parts, prior):
    gan = compiled(small_gan_parts, prior)
    grid = SampleGrid(prior.sample(3, seed=0), every=2)
    gan.fit_images(squares(), epochs=4, steps_per_epoch=1, batch_size=8, callbacks=[grid], verbose=0)
    assert len(grid.frames) == 2 and grid.frames[0].shape == (3, 8, 8, 1)
    assert np.allclose(grid.frames[-1], gan(prior.sample(3, seed=0)))


def test_a_prior_of_another_dimension_is_refused(small_gan_parts):
    with pytest.raises(ValueError, match=r"dimension 5, but the generator takes \(4,\)"):
        GAN(*small_gan_parts, Uniform(5))


TRAINING = textwrap.dedent("""
    import sys, time
    import keras, numpy as np, tensorflow as tf
    sys.path.insert(0, sys.argv[1])
    from samples import squares
    from ganinv_keras import networks
    from ganinv_keras.networks import priors
    from ganinv_keras.training.gan import GAN
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(0)
    from keras import layers
    z = keras.Input((4,))
    h = layers.BatchNormalization()(layers.Reshape((4, 4, 4))(layers.Dense(64)(z)))
    generator = keras.Model(z, layers.Conv2DTranspose(1, 3, 2, "same", activation="sigmoid")(h))
    x = keras.Input((8, 8, 1))
    discriminator = keras.Model(x, layers.Dense(1)(layers.Flatten()(layers.Conv2D(4, 3, 2, "same")(x))))
    gan = GAN(generator, discriminator, priors.Uniform(4), ema=0.9)
    gan.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(2e-3))
    def report(epoch, logs):
        print("epoch", epoch, flush=True)
        time.sleep(float(sys.argv[3]))
    gan.fit_images(squares(), epochs=5, steps_per_epoch=3, batch_size=8, checkpoint=sys.argv[2], verbose=0,
                   callbacks=[keras.callbacks.LambdaCallback(on_epoch_begin=report)])
    np.savez(sys.argv[2] + ".npz", *gan.get_weights(), *[v.numpy() for v in gan.g_optimizer.variables])
""")


def train_in_a_process(tmp_path, name, pause):
    command = [
        sys.executable,
        "-c",
        TRAINING,
        os.path.dirname(os.path.dirname(__file__)),
        str(tmp_path / name),
        str(pause),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path):
    whole = train_in_a_process(tmp_path, "whole.weights.h5", 0)
    assert whole.wait() == 0
    killed = train_in_a_process(tmp_path, "killed.weights.h5", 1)
    for line in killed.stdout:
        if line == "epoch 3\n":
            break
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    resumed = train_in_a_process(tmp_path, "killed.weights.h5", 0)
    assert resumed.stdout.readline() == "epoch 3\n"
    assert resumed.wait() == 0
    with np.load(tmp_path / "whole.weights.h5.npz") as a, np.load(tmp_path / "killed.weights.h5.npz") as b:
        assert len(a.files) == len(b.files) > 20
        for key in a.files:
            assert np.array_equal(a[key], b[key])


def test_soft_labels_change_the_step_of_the_discriminator_only(small_gan_parts, prior):
    x = np.random.default_rng(0).uniform(size=(8, 8, 8, 1)).astype("float32")
    hard, soft = (GAN(*small_gan_parts, prior, soft_labels=ranges) for ranges in (None, ((0.7, 1.2), (0.0, 0.3))))
    hard, soft = hard.compute_losses(x), soft.compute_losses(x)
    assert float(soft.generator) == pytest.approx(float(hard.generator), rel=1e-6)
    assert float(soft.discriminator) != pytest.approx(float(hard.discriminator), rel=1e-2)
