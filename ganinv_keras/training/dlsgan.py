"""Dynamic Latent Scale GAN: the discriminator is the encoder, and the latent finds its own dimension."""

import keras
from keras import ops

from ganinv_keras.checks import check_discriminator, check_name, check_number, check_positive_integer
from ganinv_keras.networks.layers import LatentScale
from ganinv_keras.training.gan import GAN, Losses

V_FROM = ("moment", "correlation")


class DynamicLatentScaleGAN(GAN):
    """Dynamic Latent Scale GAN (Cho, Algorithm 1).

    D answers two things about an image: how real it is, and which z made it. Both networks minimise the error of the
    second answer on generated images, and each latent dimension is scaled by what can be read back of it.

    Args:
        generator: a model from z to images in [0, 1], whose layer `"latent_scale"` is a `LatentScale`.
        discriminator: a model from images to `[realness, z_hat]`, of shapes `(n, 1)` and `(n, d)`.
        prior: what z is drawn from, such as `Normal(512)`.
        encoder_weight: λ_enc, the weight of the encoder loss in both losses. Defaults to 1, the paper's.
        v_from: `"moment"`, the paper's: v is the second moment of z', noise included. `"correlation"`: v is the squared
            correlation of z and z', ours. The two agree for the best encoder there is, but only the second falls to 0
            for a dimension that no longer can be read. Defaults to `"moment"`.
        past_batches: over how many past batches the products that v is made of are averaged. Defaults to 512, the
            paper's. None makes it an exponential average of momentum `v_momentum`.
        v_momentum: see `past_batches`. Defaults to 0.998, which remembers about as many batches.
        dynamic: False leaves v, and with it the scale, at one: the paper's "without dynamic latent scale". Defaults to
            True.
        scale_from: the step of training from which on v is averaged; until then it stays at one, so that G learns to
            draw before its latent is scaled. Defaults to 0, the paper's.
        **kwargs: the other arguments of `GAN`.

    Attributes:
        encoder: the model from images to z that D contains.

    Raises:
        ValueError: if the generator has no layer `LatentScale`, or D does not answer `[realness, z_hat]`.
    """

    log_names = (*GAN.log_names, "encoder_loss")

    def __init__(self, generator, discriminator, prior, encoder_weight=1.0, v_from="moment", past_batches=512,
                 v_momentum=0.998, dynamic=True, scale_from=0, **kwargs):  # fmt: skip
        super().__init__(generator, discriminator, prior, **kwargs)
        self.latent_scale = next((layer for layer in generator.layers if isinstance(layer, LatentScale)), None)
        if self.latent_scale is None:
            raise ValueError("The generator has no layer LatentScale, whose v this training moves: put one behind its "
                             "input, as style_generator does.")  # fmt: skip
        self.encoder = keras.Model(discriminator.input, discriminator.outputs[1], name="encoder")
        self.encoder_weight = check_number(encoder_weight, "encoder_weight", 0)
        self.v_from = check_name(v_from, V_FROM, "value of `v_from`")
        self.past_batches = past_batches
        self.v_momentum = check_number(v_momentum, "v_momentum", 0, 1)
        self.dynamic = check_name(dynamic, (True, False), "value of `dynamic`")
        self.scale_from = check_positive_integer(scale_from, "scale_from", least=0)
        shape = (1 if past_batches is None else check_positive_integer(past_batches, "past_batches"), 3, prior.dim)
        self.moments = self.add_weight(shape=shape, initializer="ones", trainable=False, name="moments",
                                       aggregation="mean")  # fmt: skip

    @staticmethod
    def check_discriminator(discriminator, generator, prior):
        """Raise a `ValueError` unless D answers `[realness, z_hat]`."""
        answer = f"[realness, z_hat] of shapes (n, 1) and (n, {prior.dim})"
        check_discriminator(discriminator, generator, [(1,), (prior.dim,)], answer)

    def realness(self, x):
        """Return what D answers about how real images are, a logit of shape `(n, 1)`, in training."""
        return self.discriminator(x, training=True)[0]

    def identity(self):
        """Return what a checkpoint must agree with: what a GAN's must, and the options of this one."""
        options = ("encoder_weight", "v_from", "past_batches", "v_momentum", "dynamic", "scale_from")
        return super().identity() | {name: getattr(self, name) for name in options}

    def compute_losses(self, x):
        """Return the `Losses` of a batch of real images `x`, Algorithm 1 line by line."""
        z = self.latents(ops.shape(x)[0])  # line 1
        s = self.latent_scale.scale  # line 2
        x_fake = self.generator(z, training=True)
        fake_realness, z_hat = self.discriminator(x_fake, training=True)  # line 3
        encoder_loss = ops.mean(ops.square(z - z_hat) * ops.square(s))  # line 4
        real_realness = self.realness(x)  # line 5
        d_loss, g_loss = self.adversarial_losses(real_realness, fake_realness)
        d_loss += self.penalty(x, x_fake)
        if self.dynamic:
            self.update_v(z, ops.stop_gradient(z_hat))  # line 8
        d_accuracy = ops.mean(ops.cast(real_realness > fake_realness, "float32"))
        return Losses(
            d_loss + self.encoder_weight * encoder_loss,  # line 6
            g_loss + self.encoder_weight * encoder_loss,  # line 7
            {"d_accuracy": d_accuracy, "encoder_loss": encoder_loss},
        )

    def update_v(self, z, z_hat):
        """Take a batch of latents and of predicted latents, `(n, d)` each, into the moving averages behind v."""
        moments = ops.stack([ops.mean(a * b, axis=0) for a, b in ((z_hat, z_hat), (z, z_hat), (z, z))])[None]
        if self.scale_from:
            moments = ops.where(self.step < self.scale_from, 1.0, moments)
        if self.past_batches is None:
            moments = self.v_momentum * self.moments + (1.0 - self.v_momentum) * moments
        else:
            moments = ops.concatenate([self.moments[1:], moments])
        self.moments.assign(moments)  # on several devices their mean
        z_hat_z_hat, z_z_hat, z_z = ops.unstack(ops.mean(self.moments, axis=0), 3)
        self.latent_scale.v.assign(z_hat_z_hat if self.v_from == "moment" else z_z_hat**2 / (z_hat_z_hat * z_z))
