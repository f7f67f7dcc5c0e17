"""One `train_step` for the whole course, and the hook that each paper overrides."""

from pathlib import Path
from typing import NamedTuple

import keras
import tensorflow as tf
from keras import ops

from ganinv_keras import device, losses
from ganinv_keras.checks import check_positive_integer, check_prior
from ganinv_keras.training.callbacks import Checkpoint


class Losses(NamedTuple):
    """What `GAN.compute_losses` returns: two scalar losses, and scalars to log by name."""

    discriminator: tf.Tensor
    generator: tf.Tensor
    logs: dict


class GAN(keras.Model):
    """A generative adversarial network: two networks, two losses, two optimisers, one training step.

    A paper that changes what is optimised subclasses this and overrides `compute_losses`, and adds the names of
    whatever else it logs to `log_names`.

    Args:
        generator: a model from z to images in [0, 1].
        discriminator: a model from images to realness, a logit of shape `(n, 1)`.
        prior: what z is drawn from, such as `Uniform(100)`.
        adversarial: name of the adversarial loss, see `losses.adversarial`. Defaults to `"non_saturating"`.
        r1_weight: weight of `losses.r1` in `d_loss`. Defaults to 0.
        r1_every: R1 is computed in each `r1_every`-th step only, with `r1_every` times its weight: StyleGAN2's lazy
            regularisation. Defaults to 1.
        gradient_penalty_weight: weight of `losses.gradient_penalty` in `d_loss`; 10 makes `"wasserstein"` WGAN-GP.
            Defaults to 0.
        soft_labels: `(real_range, fake_range)` from which D's labels are drawn instead of 1 and 0, see
            `losses.soft_label_loss`; they replace D's half of `adversarial`. Defaults to None.
        ema: momentum of a moving average of the generator's weights, such as 0.999, or None for no average. The
            average is `ema_generator`, which `sampler` then is; call `refresh_batch_norm` on it after training.
            Defaults to None.
        seed: seed of every latent drawn in training, and of the order of the images. Defaults to 0.

    Raises:
        ValueError: if the generator takes several inputs, the prior has another dimension, or the loss is unknown.
    """

    log_names = ("d_loss", "g_loss", "d_accuracy")

    def __init__(self, generator, discriminator, prior, adversarial="non_saturating", r1_weight=0.0, r1_every=1,
                 gradient_penalty_weight=0.0, soft_labels=None, ema=None, seed=0):  # fmt: skip
        super().__init__(name="gan")
        check_prior(prior, generator)
        self.generator = generator
        self.discriminator = discriminator
        self.prior = prior
        self.adversarial = losses.adversarial(adversarial)
        self.r1_weight = r1_weight
        self.r1_every = check_positive_integer(r1_every, "r1_every")
        self.gradient_penalty_weight = gradient_penalty_weight
        self.soft_labels = soft_labels
        self.ema = ema
        if ema is not None:
            self.ema_generator = keras.models.clone_model(generator)
            self.ema_generator.set_weights(generator.get_weights())
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.random_state = self.seed_generator.state  # as a weight of the model, so that checkpoints carry it
        self.trackers = [keras.metrics.Mean(name=name) for name in self.log_names]
        self.built = True

    def compile(self, d_optimizer, g_optimizer, **kwargs):
        """Configure training.

        Args:
            d_optimizer: optimiser of the discriminator.
            g_optimizer: optimiser of the generator.
            **kwargs: passed on to `keras.Model.compile`. `jit_compile` defaults to `device.jit_compile()`.
        """
        super().compile(optimizer=None, **{"jit_compile": device.jit_compile()} | kwargs)
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        d_optimizer.build(self.discriminator.trainable_variables)
        g_optimizer.build(self.g_variables)

    @property
    def g_variables(self):
        """The variables that `g_loss` trains: the generator's, and whatever a subclass trains with it."""
        return self.generator.trainable_variables

    @property
    def sampler(self):
        """The generator to show and to keep: the moving average where there is one."""
        return self.generator if self.ema is None else self.ema_generator

    def call(self, z):
        """Map latents `(n, d)` to images in [0, 1], with the sampler at inference."""
        return self.sampler(z, training=False)

    def realness(self, x):
        """Return what D answers about how real images are, a logit of shape `(n, 1)`, in training."""
        return self.discriminator(x, training=True)

    def r1(self, x):
        """Return R1's part of `d_loss` for real images `x`, a scalar: 0 in the steps that lazy regularisation skips."""
        if not self.r1_weight:
            return 0.0
        if self.r1_every == 1:
            return self.r1_weight * losses.r1(self.realness, x)
        due = self.d_optimizer.iterations % self.r1_every == 0
        return self.r1_weight * self.r1_every * tf.cond(due, lambda: losses.r1(self.realness, x), lambda: 0.0)

    def compute_losses(self, x):
        """Return the `Losses` of a batch of real images `x`. This is the hook that the papers override.

        `d_accuracy` is the share of pairs (real, generated) that D puts in the right order: ½ is guessing, for every
        adversarial loss.
        """
        z = self.prior.sample(ops.shape(x)[0], self.seed_generator)
        x_fake = self.generator(z, training=True)
        real_realness = self.realness(x)
        fake_realness = self.realness(x_fake)
        d_loss, g_loss = self.adversarial(real_realness, fake_realness)
        if self.soft_labels is not None:
            d_loss = losses.soft_label_loss(real_realness, fake_realness, *self.soft_labels, self.seed_generator)
        d_loss += self.r1(x)
        if self.gradient_penalty_weight:
            d_loss += self.gradient_penalty_weight * losses.gradient_penalty(
                self.realness, x, x_fake, self.seed_generator
            )
        d_accuracy = ops.mean(ops.cast(real_realness > fake_realness, "float32"))
        return Losses(d_loss, g_loss, {"d_accuracy": d_accuracy})

    def train_step(self, x):
        """Update D and G once, both from one pass of the batch of real images `x` through the networks."""
        with tf.GradientTape(persistent=True) as tape:
            batch = self.compute_losses(x)
        d_variables = self.discriminator.trainable_variables
        d_gradients = tape.gradient(batch.discriminator, d_variables)
        g_gradients = tape.gradient(batch.generator, self.g_variables)
        self.d_optimizer.apply(d_gradients, d_variables)
        self.g_optimizer.apply(g_gradients, self.g_variables)
        if self.ema is not None:
            for average, weight in zip(self.ema_generator.weights, self.generator.weights, strict=True):
                average.assign(self.ema * average + (1.0 - self.ema) * weight)
        logs = {"d_loss": batch.discriminator, "g_loss": batch.generator, **batch.logs}
        for tracker in self.trackers:
            tracker.update_state(logs[tracker.name])
        return {tracker.name: tracker.result() for tracker in self.trackers}

    def fit_images(self, images, epochs, steps_per_epoch, batch_size=128, checkpoint=None, callbacks=(), **kwargs):
        """Train, and if `checkpoint` is given, go on from where an earlier run was stopped, however it was stopped.

        Which image and which latent a step sees depends on `seed` and on the number of the step alone, so that a
        run that was killed and started again ends with the weights of one that was not.

        Args:
            images: an `ImageSet`.
            epochs: number of epochs in all, those of earlier runs included.
            steps_per_epoch: number of training steps in an epoch.
            batch_size: images in a step. Defaults to 128.
            checkpoint: path of a `.weights.h5` file, written at the end of every epoch with both networks, both
                optimisers and the random state, and read at the start if it is there. Defaults to None.
            callbacks: Keras callbacks.
            **kwargs: passed on to `keras.Model.fit`.

        Returns:
            The `keras.callbacks.History` of the epochs that this call ran.
        """
        callbacks = list(callbacks)
        if checkpoint is not None:
            checkpoint = Path(checkpoint)
            if checkpoint.exists():
                self.load_weights(checkpoint)
            callbacks.append(Checkpoint(checkpoint))
        done = int(self.d_optimizer.iterations)
        dataset = images.batches(batch_size, seed=self.seed, first_step=done)
        return self.fit(dataset, epochs=epochs, steps_per_epoch=steps_per_epoch, shuffle=False,
                        initial_epoch=done // steps_per_epoch, callbacks=callbacks, **kwargs)  # fmt: skip


def refresh_batch_norm(generator, prior, n=1000, seed=0):
    """Set a generator's batch-normalisation statistics to those of `n` draws from its prior.

    A moving average of weights needs it. Its statistics are averages of averages, and still hold a part of the
    variance of 1 that layers begin with, where features vary by a few hundredths: they normalise by too much, and the
    images come out alike. Notebook 01 measures it.

    Args:
        generator: the model whose statistics are set.
        prior: what its z is drawn from.
        n: number of latents, in one batch. Defaults to 1,000.
        seed: seed of the latents. Defaults to 0.
    """
    normalizations = [layer for layer in generator.layers if isinstance(layer, keras.layers.BatchNormalization)]
    before = [layer.momentum for layer in normalizations]
    for layer in normalizations:
        layer.momentum = 0.0
    generator(prior.sample(n, seed), training=True)
    for layer, momentum in zip(normalizations, before, strict=True):
        layer.momentum = momentum
