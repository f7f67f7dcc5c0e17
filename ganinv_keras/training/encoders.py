"""Train an encoder for a frozen generator (paper 3): directly, or through the generator (AEGAN)."""

import keras
import tensorflow as tf
from keras import ops

from ganinv_keras import losses, replicas
from ganinv_keras.checks import check_encoder, check_positive_integer, check_prior
from ganinv_keras.training.resumable import Resumable, optimizer_identity


class EncoderTraining(Resumable):
    """Train an encoder on images that a frozen generator makes on the fly: there is no data set.

    A subclass says in `loss_of` what is minimised. Only the encoder's weights move; the generator runs with the
    batch-normalisation statistics of its own training.

    Args:
        generator: a model from z to images in [0, 1].
        encoder: a model from those images to z.
        prior: what the generator's z is drawn from.
        damage: a Keras layer or model from images to images of the same shape: the encoder sees what it leaves of an
            image, and is to answer as for the whole one. Random layers draw anew in every step. Defaults to None.
        seed: seed of every latent drawn. Defaults to 0.

    Raises:
        ValueError: if the generator takes several inputs, or prior, generator, encoder and damage do not fit together.
    """

    def __init__(self, generator, encoder, prior, damage=None, seed=0):
        check_prior(prior, generator)
        check_encoder(encoder, generator)
        super().__init__(name="encoder_training")
        self.generator = generator
        self.encoder = encoder
        self.prior = prior
        if not (damage is None or isinstance(damage, keras.layers.Layer)):
            raise ValueError("Invalid value received for argument `damage`. Expected a Keras layer or model from "
                             f"images to images, or None. Received: {damage!r}")  # fmt: skip
        self.damage = keras.layers.Identity() if damage is None else damage
        image = ops.zeros((1, *encoder.input_shape[1:]))
        if self.damage(image, training=True).shape != image.shape:
            raise ValueError(f"damage must leave images of shape {encoder.input_shape[1:]}, the encoder's.")
        self.seed = check_positive_integer(seed, "seed", least=0)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        random = [variable for variable in self.damage.variables if "seed" in variable.name]
        self.random_states = [self.seed_generator.state, *random]  # as weights of the model: checkpoints carry them
        self.tracker = keras.metrics.Mean(name="loss")
        self.built = True

    def call(self, x):
        """Map images to latents `(n, d)`, at inference."""
        return self.encoder(x, training=False)

    def answer(self, x):
        """Return what the encoder says, in training, of what the damage leaves of images `x`."""
        return self.encoder(self.damage(x, training=True), training=True)

    def loss_of(self, z, x):
        """Return what the encoder minimises for latents `z` and their images `x`, a scalar."""
        raise NotImplementedError

    def draw(self, n):
        """Return n new latents and their images, what the encoder learns from in one step."""
        z = self.latents(n)
        return z, self.generator(z, training=False)

    def train_step(self, rows):
        """Update the encoder once on as many new latents as there are `rows`."""
        z, x = self.draw(ops.shape(rows)[0])
        with tf.GradientTape() as tape:
            loss = self.loss_of(z, x)
            scaled_loss = self.optimizer.scale_loss(replicas.share_of(loss))
        variables = self.encoder.trainable_variables
        self.optimizer.apply(tape.gradient(scaled_loss, variables), variables)
        self.count_step()
        self.tracker.update_state(loss)
        return replicas.logs([self.tracker])

    def identity(self):
        """Return what a checkpoint must agree with: the networks, the damage, the optimiser and the seed."""
        damage = {key: value for key, value in self.damage.get_config().items() if key != "name"}
        own = {"seed": self.seed, "damage": {type(self.damage).__name__: damage}}
        return super().identity() | own | optimizer_identity({"the optimiser": self.optimizer})

    def fit_generated(self, epochs, steps_per_epoch, batch_size=64, checkpoint=None, callbacks=(), **kwargs):
        """Train, and if `checkpoint` is given, go on from where an earlier run was stopped, however it was stopped.

        Args:
            epochs: number of epochs in all, those of earlier runs included.
            steps_per_epoch: number of training steps in an epoch.
            batch_size: latents in a step. Defaults to 64, the paper's.
            checkpoint: path of a `.weights.h5` file, written every five minutes and at the end of every epoch, and
                read at the start if it is there. Defaults to None.
            callbacks: Keras callbacks.
            **kwargs: passed on to `keras.Model.fit`.

        Returns:
            The `keras.callbacks.History` of the epochs that this call ran.

        Raises:
            ValueError: if the model is not compiled, a number is no whole number ≥ 1, the checkpoint is of another
                training (the message says in what they differ), or the weights become infinite or NaN. The last good
                checkpoint is kept.
            PermissionError: if the checkpoint cannot be written.
        """
        self.check_compiled()
        batch_size = check_positive_integer(batch_size, "batch_size")
        self.fed = {"batch_size": batch_size}
        self.optimizer.build(self.encoder.trainable_variables)
        rows = tf.data.Dataset.range(batch_size).batch(batch_size, drop_remainder=True).repeat()
        return self.fit_resumable(lambda step: rows, epochs, steps_per_epoch, checkpoint, callbacks, **kwargs)


class LatentRegressor(EncoderTraining):
    """Direct training: `E ‖z - IG(G(z))‖²`, averaged over the elements (ICGAN's L_ez, eq. 3, without labels)."""

    def loss_of(self, z, x):
        """Return the mean squared error of z."""
        return ops.mean(ops.square(z - self.answer(x)))


class AEGAN(EncoderTraining):
    """AutoEncoder based GAN (Luo et al., Algorithm 1): the frozen generator is the decoder of an autoencoder.

    The encoder minimises the cross-entropy between `x = G(z)` and `x' = G(IG(x))`, eq. 5. (The paper's Algorithm 1
    cites eq. 4 for it, and prints `IG(G(x))` for `IG(G(z))` in eq. 6.) With a `damage` this is image translation: from
    edges to faces, say, without a single pair of real images.
    """

    def loss_of(self, z, x):
        """Return `-x log G(IG(x)) - (1 - x) log(1 - G(IG(x)))`, averaged over pixels and images."""
        return ops.mean(losses.bce(x, self.generator(self.answer(x), training=False)))


class SummedErrors(EncoderTraining):
    """Direct training and AEGAN at once: the sum of their losses, both averaged over their elements."""

    def loss_of(self, z, x):
        """Return the mean squared error of z plus the mean cross-entropy of the image."""
        z_hat = self.answer(x)
        x_hat = self.generator(z_hat, training=False)
        return ops.mean(ops.square(z - z_hat)) + ops.mean(losses.bce(x, x_hat))
