"""One `train_step` for the whole course, and the hook that each paper overrides."""

import functools
from typing import NamedTuple

import keras
import tensorflow as tf
from keras import ops

from ganinv_keras import checks, device, losses, replicas
from ganinv_keras.checks import check_number, check_positive_integer
from ganinv_keras.data.image_set import check_image_set
from ganinv_keras.labels import draw, with_label
from ganinv_keras.training.resumable import Resumable, optimizer_identity

COLLAPSED = 1e-3  # a quarter of a grey level: mean standard deviation of a pixel over z below which all images are one


class Losses(NamedTuple):
    """What `GAN.compute_losses` returns: two scalar losses, and scalars to log by name."""

    discriminator: tf.Tensor
    generator: tf.Tensor
    logs: dict


class GAN(Resumable):
    """A generative adversarial network: two networks, two losses, two optimisers, one training step.

    A paper that changes what is optimised overrides `compute_losses`, and adds what else it logs to `log_names`.

    Args:
        generator: a model from z to images in [0, 1].
        discriminator: a model from images to realness, a logit of shape `(n, 1)`.
        prior: what z is drawn from, such as `Uniform(100)`.
        adversarial: name of the adversarial loss, see `losses.adversarial`. Defaults to `"non_saturating"`.
        r1_weight: weight of `losses.r1` in `d_loss`. Defaults to 0.
        r1_every: R1 is computed in each `r1_every`-th step, with so many times its weight (StyleGAN2). Defaults to 1.
        gradient_penalty_weight: weight of `losses.gradient_penalty` in `d_loss`; 10 makes `"wasserstein"` WGAN-GP.
            Defaults to 0.
        soft_labels: `(real_range, fake_range)` from which D's labels are drawn instead of 1 and 0, see
            `losses.soft_label_loss`; they replace D's half of `adversarial`. Defaults to None.
        ema: momentum of a moving average of the generator's weights, `ema_generator`, such as 0.999; call
            `refresh_batch_norm` on it after training. Defaults to None: no average.
        seed: seed of every latent drawn in training, and of the order of the images. Defaults to 0.

    Raises:
        ValueError: if the parts do not fit together, the loss is unknown, or a number is out of range.
    """

    log_names = ("d_loss", "g_loss", "d_accuracy")
    inputs = 1  # of the generator: z

    def __init__(self, generator, discriminator, prior, adversarial="non_saturating", r1_weight=0.0, r1_every=1,
                 gradient_penalty_weight=0.0, soft_labels=None, ema=None, seed=0):  # fmt: skip
        checks.check_prior(prior, generator, self.inputs)
        self.check_discriminator(discriminator, generator, prior)
        super().__init__(name="gan")
        self.generator = generator
        self.discriminator = discriminator
        self.prior = prior
        self.adversarial = losses.adversarial(adversarial)
        self.r1_weight = check_number(r1_weight, "r1_weight", 0)
        self.r1_every = check_positive_integer(r1_every, "r1_every")
        self.gradient_penalty_weight = check_number(gradient_penalty_weight, "gradient_penalty_weight", 0)
        self.soft_labels = None if soft_labels is None else losses.label_ranges(soft_labels)
        self.ema = None if ema is None else check_number(ema, "ema", 0, 1)
        if ema is not None:
            self.ema_generator = keras.models.clone_model(generator)
            self.ema_generator.set_weights(generator.get_weights())
        self.seed = check_positive_integer(seed, "seed", least=0)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.random_state = self.seed_generator.state  # as a weight of the model, so that checkpoints carry it
        self.trackers = [keras.metrics.Mean(name=name) for name in self.log_names]
        self.built = True

    @staticmethod
    def check_discriminator(discriminator, generator, prior):
        """Raise a `ValueError` unless `discriminator` answers images of `generator` as this kind of GAN needs it."""
        checks.check_discriminator(discriminator, generator, [(1,)], "realness of shape (n, 1)")

    def compile(self, d_optimizer, g_optimizer, **kwargs):
        """Configure training.

        Args:
            d_optimizer: optimiser of the discriminator. Where the networks compute in float16, whose range is small,
                both optimisers are wrapped in Keras's `LossScaleOptimizer`.
            g_optimizer: optimiser of the generator.
            **kwargs: passed on to `keras.Model.compile`. `jit_compile` defaults to `device.jit_compile()`.
        """
        super().compile(optimizer=None, **{"jit_compile": device.jit_compile()} | kwargs)
        self.d_optimizer = device.loss_scaled(d_optimizer, self.discriminator)
        self.g_optimizer = device.loss_scaled(g_optimizer, self.generator)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        self.g_optimizer.build(self.g_variables)

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

    def adversarial_losses(self, real_realness, fake_realness):
        """Return `(d_loss, g_loss)` of what D answers about real and generated images, without penalties."""
        d_loss, g_loss = self.adversarial(real_realness, fake_realness)
        if self.soft_labels is not None:
            d_loss = losses.soft_label_loss(real_realness, fake_realness, *self.soft_labels, self.seed_generator)
        return d_loss, g_loss

    def penalty(self, x, x_fake, realness=None):
        """Return R1 (0 in the steps that lazy regularisation skips) and WGAN-GP with their weights, for `d_loss`."""
        penalty, realness = 0.0, realness or self.realness
        if weight := self.gradient_penalty_weight:
            penalty += weight * losses.gradient_penalty(realness, x, x_fake, self.seed_generator)
        if not self.r1_weight:
            return penalty
        if self.r1_every == 1:
            return penalty + self.r1_weight * losses.r1(realness, x)
        r1 = tf.cond(self.step % self.r1_every == 0, lambda: losses.r1(realness, x), lambda: 0.0)
        return penalty + self.r1_weight * self.r1_every * r1

    def compute_losses(self, x):
        """Return the `Losses` of a batch of real images `x`. This is the hook that the papers override.

        `d_accuracy` is the share of pairs (real, generated) that D puts in the right order: ½ is guessing.
        """
        z = self.latents(ops.shape(x)[0])
        x_fake = self.generator(z, training=True)
        real_realness, fake_realness = self.realness(x), self.realness(x_fake)
        d_loss, g_loss = self.adversarial_losses(real_realness, fake_realness)
        d_loss += self.penalty(x, x_fake)
        d_accuracy = ops.mean(ops.cast(real_realness > fake_realness, "float32"))
        return Losses(d_loss, g_loss, {"d_accuracy": d_accuracy})

    def train_step(self, x):
        """Update D and G once, both from one pass of the batch of real images `x` through the networks."""
        with tf.GradientTape(persistent=True) as tape:
            batch = self.compute_losses(x)
            d_loss = self.d_optimizer.scale_loss(replicas.share_of(batch.discriminator))
            g_loss = self.g_optimizer.scale_loss(replicas.share_of(batch.generator))
        d_variables = self.discriminator.trainable_variables
        d_gradients = tape.gradient(d_loss, d_variables)
        g_gradients = tape.gradient(g_loss, self.g_variables)
        self.d_optimizer.apply(d_gradients, d_variables)
        self.g_optimizer.apply(g_gradients, self.g_variables)
        if self.ema is not None:
            for average, weight in zip(self.ema_generator.weights, self.generator.weights, strict=True):
                average.assign(self.ema * average + (1.0 - self.ema) * weight)
        self.count_step()
        logs = {"d_loss": batch.discriminator, "g_loss": batch.generator, **batch.logs}
        for tracker in self.trackers:
            tracker.update_state(logs[tracker.name])
        return replicas.logs(self.trackers)

    def identity(self):
        """Return what a checkpoint must agree with: the networks, the optimisers, the seed, and all options."""
        optimizers = {"the optimiser of D": self.d_optimizer, "the optimiser of G": self.g_optimizer}
        names = ("seed", "ema", "r1_weight", "r1_every", "gradient_penalty_weight", "soft_labels")
        options = {name: getattr(self, name) for name in names} | {"adversarial": self.adversarial.__name__}
        return super().identity() | optimizer_identity(optimizers) | options

    def check_sound(self):
        """Raise a `ValueError` if weights are not finite, or the generator draws the same image for every z."""
        super().check_sound()
        weights = self.generator.trainable_variables, self.generator.non_trainable_variables
        z, label = draw(self.generator, self.prior, 16, seed=0)
        drawn = with_label(z, None if label is None else label[:1])  # of one class
        x, _ = self.generator.stateless_call(*weights, drawn, training=True)
        if float(ops.mean(ops.std(x, axis=0))) < COLLAPSED:
            raise ValueError(f"Training failed by step {self.steps_taken:,}: the generator draws the same image for "
                             "every z. A sigmoid that starts at grey saturates where most of the images is black: "
                             "raise `brightness` towards their mean, or lower the learning rate.")  # fmt: skip

    def batches_of(self, images):
        """Return the function of `(batch_size, seed, first_step)` that makes the batches of `images`."""
        return images.batches

    def fit_images(self, images, epochs, steps_per_epoch, batch_size=128, checkpoint=None, callbacks=(), **kwargs):
        """Train, and if `checkpoint` is given, go on from where an earlier run was stopped, however it was stopped.

        What a step sees depends on `seed` and on its number alone: a run that was killed and started again ends with
        the weights of one that was not.

        Args:
            images: an `ImageSet` or an `ImageStream`.
            epochs: number of epochs in all, those of earlier runs included.
            steps_per_epoch: number of training steps in an epoch.
            batch_size: images in a step. Defaults to 128.
            checkpoint: path of a `.weights.h5` file of all state, written every 5 minutes and epoch, read at the start.
            callbacks: Keras callbacks.
            **kwargs: passed on to `keras.Model.fit`.

        Returns:
            The `keras.callbacks.History` of the epochs that this call ran.

        Raises:
            TypeError: if the images are an array.
            ValueError: if the model is not compiled, the images or the checkpoint do not fit, or the training fails
                (weights that are not finite, or one image for every z); the last good checkpoint is kept.
            PermissionError: if the checkpoint cannot be written.
        """
        self.check_compiled()
        check_image_set(images, self.generator.output_shape[1:])
        batch_size = check_positive_integer(batch_size, "batch_size")
        self.fed = {"batch_size": batch_size, "the images": f"{len(images):,} of {images.name}"}
        batches = functools.partial(self.batches_of(images), batch_size, self.seed)
        return self.fit_resumable(batches, epochs, steps_per_epoch, checkpoint, callbacks, **kwargs)


def refresh_batch_norm(generator, prior, n=1000, seed=0):
    """Set a generator's batch-normalisation statistics to those of `n` draws from its prior.

    A moving average of weights needs it: its own statistics still hold a part of the variance of 1 that layers begin
    with, where features vary by a few hundredths, and the images come out alike. Notebook 01 measures it.

    Args:
        generator: the model, models in it included.
        prior: what its z is drawn from.
        n: number of latents, in one batch. Defaults to 1,000.
        seed: seed of the latents. Defaults to 0.

    Raises:
        ValueError: if `n` is less than 2, which have no variance.
    """
    n, normalizations = check_positive_integer(n, "n", least=2), _normalizations(generator)
    before = [layer.momentum for layer in normalizations]
    for layer in normalizations:
        layer.momentum = 0.0
    if normalizations:
        generator(with_label(*draw(generator, prior, n, seed)), training=True)
    for layer, momentum in zip(normalizations, before, strict=True):
        layer.momentum = momentum


def _normalizations(model):
    """List the batch normalisations of a model, those of models in it included."""
    nested = (_normalizations(layer) if hasattr(layer, "layers") else [layer] for layer in model.layers)
    return [layer for layers in nested for layer in layers if isinstance(layer, keras.layers.BatchNormalization)]
