"""BiGAN: generator and encoder trained together against a discriminator of pairs."""

import tensorflow as tf
from keras import ops

from ganinv_keras.checks import check_discriminator, check_encoder, check_prior
from ganinv_keras.training.gan import GAN, Losses


class BiGAN(GAN):
    """Bidirectional GAN (Donahue et al.; eq. 1 of Luo et al.).

    D tells pairs `(x, E(x))` of real images from pairs `(G(z), z)` of generated ones; G and E together try to make
    the two alike. Both play the non-saturating game: G wants its pairs called real, E wants its pairs called fake.

    Args:
        generator: a model from z to images in [0, 1].
        encoder: a model from images to z.
        discriminator: a model from a list `[images, z]` to realness, a logit of shape `(n, 1)`.
        prior: what z is drawn from.
        r1_weight: weight in `d_loss` of R1 (see `losses.r1`) with respect to both parts of the pair: without the
            latent's part D soon tells E(x) from z by the latents alone, and G learns nothing. Defaults to 0.
        seed: seed of every latent drawn in training, and of the order of the images. Defaults to 0.

    Raises:
        ValueError: if the generator takes several inputs, the prior has another dimension, or generator, encoder and
            discriminator do not fit together.
    """

    def __init__(self, generator, encoder, discriminator, prior, r1_weight=0.0, seed=0):
        check_prior(prior, generator)
        check_encoder(encoder, generator)
        super().__init__(generator, discriminator, prior, r1_weight=r1_weight, seed=seed)
        self.encoder = encoder

    @staticmethod
    def check_discriminator(discriminator, generator, prior):
        """Raise a `ValueError` unless D takes `[x, z]` and answers with realness."""
        check_discriminator(discriminator, generator, [(1,)], "realness of shape (n, 1)", inputs=2)
        taken = [tuple(tensor.shape[1:]) for tensor in discriminator.inputs]
        if taken != [generator.output_shape[1:], (prior.dim,)]:
            raise ValueError(f"The discriminator of a BiGAN must take images and latents, inputs of shapes "
                             f"{generator.output_shape[1:]} and ({prior.dim},), but takes {taken}.")  # fmt: skip

    @property
    def g_variables(self):
        """The variables that `g_loss` trains: the generator's and the encoder's."""
        return self.generator.trainable_variables + self.encoder.trainable_variables

    def compute_losses(self, x):
        """Return the `Losses` of a batch of real images `x`."""
        z = self.latents(ops.shape(x)[0])
        x_fake, z_hat = self.generator(z, training=True), self.encoder(x, training=True)
        with tf.GradientTape() as tape:
            tape.watch([x, z_hat])
            real_realness = self.discriminator([x, z_hat], training=True)
        fake_realness = self.discriminator([x_fake, z], training=True)
        d_loss, g_loss = self.adversarial(real_realness, fake_realness)
        if self.r1_weight:
            by_x, by_z = tape.gradient(real_realness, [x, z_hat])
            r1 = ops.sum(ops.square(by_x / 2.0), axis=(1, 2, 3)) + ops.sum(ops.square(by_z), axis=1)
            d_loss += self.r1_weight * ops.mean(r1)
        e_loss = ops.mean(ops.softplus(real_realness))
        d_accuracy = ops.mean(ops.cast(real_realness > fake_realness, "float32"))
        return Losses(d_loss, g_loss + e_loss, {"d_accuracy": d_accuracy})
