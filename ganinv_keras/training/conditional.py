"""A GAN that is told the class: G draws it, and D judges an image as one of it."""

import functools

from keras import ops

from ganinv_keras.checks import check_discriminator
from ganinv_keras.labels import classes_of
from ganinv_keras.training.gan import GAN, Losses


class ConditionalGAN(GAN):
    """Train G and D with the class of each image beside it (Mirza & Osindero).

    The generated images of a batch have the classes of its real ones.

    Args:
        generator: a model from z and a class in one-hot code, `(n, K)`, to images in [0, 1].
        discriminator: a model from images and a class in one-hot code to realness, a logit of shape `(n, 1)`, such as
            one that ends in a projection, see `networks.creswell_discriminator`.
        prior: what z is drawn from.
        **options: those of a `GAN`.

    Raises:
        ValueError: as of a `GAN`, and if one of them takes no class, or another number of classes.
    """

    inputs = 2

    @staticmethod
    def check_discriminator(discriminator, generator, prior):
        """Raise a `ValueError` unless `discriminator` answers images of `generator` and their classes."""
        check_discriminator(discriminator, generator, [(1,)], "realness of shape (n, 1)", inputs=2)
        taken = [classes_of(model) for model in (generator, discriminator)]
        if not taken[0] or taken[0] != taken[1]:
            raise ValueError("The generator and the discriminator must take a class in one-hot code, (n, K), as their "
                             f"second input, got {taken[0]} and {taken[1]} classes.")  # fmt: skip

    def realness(self, x, label):
        """Return what D answers about how real images of a class are, a logit of shape `(n, 1)`, in training."""
        return self.discriminator([x, label], training=True)

    def compute_losses(self, batch):
        """Return the `Losses` of a batch `(x, label)` of real images and their classes in one-hot code."""
        x, label = batch
        z = self.latents(ops.shape(x)[0])
        x_fake = self.generator([z, label], training=True)
        real_realness, fake_realness = self.realness(x, label), self.realness(x_fake, label)
        d_loss, g_loss = self.adversarial_losses(real_realness, fake_realness)
        d_loss += self.penalty(x, x_fake, lambda x: self.realness(x, label))
        d_accuracy = ops.mean(ops.cast(real_realness > fake_realness, "float32"))
        return Losses(d_loss, g_loss, {"d_accuracy": d_accuracy})

    def batches_of(self, images):
        """Return the function that makes batches `(x, label)` of an `ImageSet` with labels from 0 to K - 1."""
        if not hasattr(images, "labels"):
            raise ValueError(f"The images need labels, which this {type(images).__name__} has not: use load_images.")
        return functools.partial(images.batches, classes=classes_of(self.generator))
