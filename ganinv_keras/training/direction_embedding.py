"""Direction embedding GAN: D answers with a vector; its direction is the latent, and its length the realness."""

import keras
import numpy as np
from keras import ops

from ganinv_keras import losses
from ganinv_keras.checks import check_discriminator, check_number
from ganinv_keras.networks.priors import Angular
from ganinv_keras.networks.spherical import CartesianToSpherical, SphericalToCartesian
from ganinv_keras.training.gan import GAN, Losses


class DirectionEmbeddingGAN(GAN):
    """Direction embedding discriminator GAN (Cho, Algorithm 1).

    Latents are angles, and so points on a sphere. D embeds an image as a vector with positive elements: its direction
    is the point that the image was made from, and the logarithm of its length (the paper's v) says how generated the
    image is. D lowers it for real images and raises it for generated ones, so that `-log ‖D(x)‖` is what this course
    calls realness.

    Args:
        generator: a model from angles to images in [0, 1].
        discriminator: a model from images to vectors `(n, d + 1)`, all positive.
        prior: what the angles are drawn from, `Angular(d)`.
        embedding_weight: λ_emb, a number or a Keras schedule of the step. Defaults to 1; the paper goes on with 10.
        **kwargs: the other arguments of `GAN`.

    Attributes:
        encoder: the model from images to angles that D contains.

    Raises:
        ValueError: if the prior is not `Angular`, or D does not answer one vector with d + 1 elements.
    """

    log_names = (*GAN.log_names, "embedding_loss")

    def __init__(self, generator, discriminator, prior, embedding_weight=1.0, **kwargs):
        super().__init__(generator, discriminator, prior, **kwargs)
        if not isinstance(embedding_weight, keras.optimizers.schedules.LearningRateSchedule):
            embedding_weight = check_number(embedding_weight, "embedding_weight", 0)
        self.embedding_weight = embedding_weight
        self.to_cartesian = SphericalToCartesian(dtype="float32")
        self.to_cartesian.build((None, prior.dim))
        self.to_spherical = CartesianToSpherical(dtype="float32")
        self.encoder = keras.Model(discriminator.input, self.to_spherical(discriminator.output), name="encoder")

    @staticmethod
    def check_discriminator(discriminator, generator, prior):
        """Raise a `ValueError` unless latents are angles and D answers one vector with d + 1 elements."""
        if not isinstance(prior, Angular):
            raise ValueError(f"Latents are angles here: the prior must be Angular(d), got {prior}.")
        answer = f"vectors of shape (n, {prior.dim + 1})"
        check_discriminator(discriminator, generator, [(prior.dim + 1,)], answer)

    def realness(self, x):
        """Return `-log ‖D(x)‖₂`, shape `(n, 1)`, in training."""
        return -ops.log(ops.norm(self.discriminator(x, training=True), axis=1, keepdims=True))

    def identity(self):
        """Return what a checkpoint must agree with: what a GAN's must, and the weight of the embedding loss."""
        weight = self.embedding_weight
        return super().identity() | {"embedding_weight": weight.get_config() if callable(weight) else weight}

    def compute_losses(self, x):
        """Return the `Losses` of a batch of real images `x`, Algorithm 1 line by line."""
        z_s = self.latents(ops.shape(x)[0])  # line 1
        z_c = self.to_cartesian(z_s)  # line 2
        x_fake = self.generator(z_s, training=True)
        z_prime = self.discriminator(x_fake, training=True)  # line 3
        log_length_g = ops.log(ops.norm(z_prime, axis=1, keepdims=True))  # line 4, v_g
        log_length_r = -self.realness(x)  # line 5, v_r
        z_c_prime = z_prime / ops.norm(z_prime, axis=1, keepdims=True)  # line 6
        embedding_loss = self.embedding_loss(z_c, z_c_prime)  # line 7
        d_loss, g_loss = self.adversarial_losses(-log_length_r, -log_length_g)
        d_loss += self.penalty(x, x_fake)
        weight = self.embedding_weight
        weight = weight(self.step) if callable(weight) else weight
        d_accuracy = ops.mean(ops.cast(log_length_r < log_length_g, "float32"))
        return Losses(
            d_loss + weight * embedding_loss,  # line 8
            g_loss + weight * embedding_loss,  # line 9
            {"d_accuracy": d_accuracy, "embedding_loss": embedding_loss},
        )

    def embedding_loss(self, z_c, z_c_prime):
        """Return L_emb of points `(n, d + 1)` on the sphere, a scalar: the mean of `losses.embedding`."""
        return ops.mean(losses.embedding(z_c, z_c_prime))


class AngleErrorGAN(DirectionEmbeddingGAN):
    """The same GAN with the squared error of the angles for its embedding loss, to compare with.

    The error is a weighted mean of the squares of the differences of the d angles, divided by the variance of an angle,
    π² / 48: it is 1 when the mean is answered to every image.

    Args:
        generation_ratio: an angle's weight over that of the angle above it in the tree. 1 weighs all d angles alike,
            and so each generation by the number of its angles. ½ weighs each generation alike, as the squared distance
            of near points on the sphere does: what an angle moves is multiplied by one sine or cosine for each angle
            above it, whose squares are ½ on average. Defaults to 1.
        **kwargs: the arguments of `DirectionEmbeddingGAN`.
    """

    def __init__(self, *args, generation_ratio=1.0, **kwargs):
        super().__init__(*args, **kwargs)
        self.generation_ratio = check_number(generation_ratio, "generation_ratio", 0)

    def identity(self):
        """Return what a checkpoint must agree with: what the paper's must, and the ratio of the generations."""
        return super().identity() | {"generation_ratio": self.generation_ratio}

    def embedding_loss(self, z_c, z_c_prime):
        """Return the relative error of the angles of `z_c_prime`, a scalar."""
        generation = np.log2(np.arange(1, self.prior.dim + 1)).astype(int)
        weights = self.generation_ratio**generation
        error = self.to_spherical(z_c) - self.to_spherical(z_c_prime)
        return ops.mean(ops.square(error) * (weights / weights.mean())) / self.prior.std**2
