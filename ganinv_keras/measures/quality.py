"""How good a generator's images are, and how well an encoder inverts it: one judge for curves and pages."""

import keras
import numpy as np

from ganinv_keras.inversion.encoder import EncoderInverter, predict
from ganinv_keras.measures import features, metrics
from ganinv_keras.networks import paths
from ganinv_keras.networks.priors import Angular
from ganinv_keras.networks.spherical import SphericalToCartesian


class Judge:
    """Measure generators of one set of images, and their encoders, always with the same images and latents.

    Args:
        train_images: `ImageSet` or `ImageStream` that FID and KID compare generated images with, by the course's
            features of its name.
        test_images: images to reconstruct that training does not see.
        n: how many images of each kind, at most. Defaults to 1,000.

    Attributes:
        test: the test images, `(n, height, width, channels)`.
        network: the feature network.
        real_features: the features of `n` training images.
    """

    def __init__(self, train_images, test_images, n=1000):
        self.n = n
        self.test = test_images[:n].images
        self.network = features.load(train_images.name, train_images.image_shape[0])
        chosen = np.random.default_rng(0).permutation(len(train_images))[:n]
        self.real_features = predict(self.network, train_images[chosen].images)

    def images(self, x):
        """Return the `fid` and `kid` of images, a dictionary of floats."""
        made = predict(self.network, x)
        return {"fid": metrics.fid(made, self.real_features), "kid": metrics.kid(made, self.real_features)}

    def __call__(self, generator, prior, encoder=None):
        """Measure a generator, and its encoder if there is one.

        Returns:
            A dictionary of floats: `fid` and `kid`; with an encoder, `psnr` in dB and `ssim` of what one pass brings
            back, as in `psnr_generated` and `ssim_test`, and of another image's answer, as in `psnr_test_shuffled`;
            where z are angles, `angle`, the median angle in degrees between the points of z and z_hat on the sphere;
            and where the generator has a latent scale, `encoder_loss`, the mean of (z - z_hat)² s².
        """
        z = keras.ops.convert_to_numpy(prior.sample(self.n, seed=1))
        x = predict(generator, z)
        row = self.images(x)
        if encoder is None:
            return row
        inverter = EncoderInverter(encoder, generator)
        for name, images in (("generated", x), ("test", self.test)):
            found = inverter.invert(images)
            for suffix, answers in (("", found.images), ("_shuffled", np.roll(found.images, 1, axis=0))):
                row[f"psnr_{name}{suffix}"] = float(metrics.psnr(images, answers).mean())
                row[f"ssim_{name}{suffix}"] = float(metrics.ssim(images, answers).mean())
            if name == "generated":
                row |= _of_latents(generator, prior, z, found.z)
        return row


def _of_latents(generator, prior, z, z_hat):
    if isinstance(prior, Angular):
        to_cartesian = SphericalToCartesian(dtype="float32")
        return {"angle": float(np.degrees(np.median(paths.angle(to_cartesian(z), to_cartesian(z_hat)))))}
    if "latent_scale" not in {layer.name for layer in generator.layers}:
        return {}
    s = keras.ops.convert_to_numpy(generator.get_layer("latent_scale").scale)
    return {"encoder_loss": float(np.mean(np.square((z - z_hat) * s)))}
