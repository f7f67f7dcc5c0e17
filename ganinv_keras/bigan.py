"""BiGAN: generator and encoder trained together against a discriminator of pairs."""

from keras import ops

from ganinv_keras import losses
from ganinv_keras.gan import GAN, Losses


class BiGAN(GAN):
    """Bidirectional GAN (Donahue et al.; eq. 1 of Luo et al.).

    D tells pairs `(x, E(x))` of real images from pairs `(G(z), z)` of generated ones; G and E together try to make
    the two alike. Both play the non-saturating game: G wants its pairs called real, E wants its pairs called fake.

    Args:
        generator: a model from z to images in [0, 1].
        encoder: a model from images to z.
        discriminator: a model from a list `[images, z]` to realness, a logit of shape `(n, 1)`.
        prior: what z is drawn from.
        r1_weight: weight of `losses.r1` in `d_loss`, of D as a function of the image alone. Defaults to 0.
        seed: seed of every latent drawn in training, and of the order of the images. Defaults to 0.

    Raises:
        ValueError: if the generator takes several inputs, or the prior has another dimension.
    """

    def __init__(self, generator, encoder, discriminator, prior, r1_weight=0.0, seed=0):
        super().__init__(generator, discriminator, prior, r1_weight=r1_weight, seed=seed)
        self.encoder = encoder

    @property
    def g_variables(self):
        """The variables that `g_loss` trains: the generator's and the encoder's."""
        return self.generator.trainable_variables + self.encoder.trainable_variables

    def compute_losses(self, x):
        """Return the `Losses` of a batch of real images `x`."""
        z = self.prior.sample(ops.shape(x)[0], self.seed_generator)
        z_hat = self.encoder(x, training=True)
        real_realness = self.discriminator([x, z_hat], training=True)
        fake_realness = self.discriminator([self.generator(z, training=True), z], training=True)
        d_loss, g_loss = self.adversarial(real_realness, fake_realness)
        if self.r1_weight:
            d_loss += self.r1_weight * losses.r1(lambda x, **kwargs: self.discriminator([x, z_hat], **kwargs), x)
        e_loss = ops.mean(ops.softplus(real_realness))
        d_accuracy = ops.mean(ops.cast(real_realness > fake_realness, "float32"))
        return Losses(d_loss, g_loss + e_loss, {"d_accuracy": d_accuracy})
