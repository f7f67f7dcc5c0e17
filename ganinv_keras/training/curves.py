"""Curves over a training: how well the encoder that grows inside a GAN inverts it, epoch by epoch."""

import keras
import numpy as np

from ganinv_keras import files
from ganinv_keras.inversion.encoder import EncoderInverter, predict
from ganinv_keras.measures import features, metrics
from ganinv_keras.networks import paths
from ganinv_keras.networks.priors import Angular
from ganinv_keras.training.callbacks import Records


def path_of(name):
    """Return where the curves of a recipe of `pretrained` are kept."""
    return files.ASSETS / "results" / "curves" / f"{name}.json"


class EncoderCurves(Records):
    """Measure a GAN with an encoder at the end of every epoch, and keep the numbers in a file.

    The generator is the GAN's sampler. Latents and images are the same in every epoch.

    Args:
        train_images: `ImageSet` that FID and KID compare generated images with, by the course's features of its name.
        test_images: `ImageSet` of images to reconstruct that training does not see.
        path: the JSON file, written after every epoch; a training that goes on reads it first.
        n: how many images of each kind, at most. Defaults to 1,000.

    Attributes:
        records: a list of dictionaries, one for each epoch: `step`, `psnr_generated`, `ssim_generated`, `psnr_test`,
            `ssim_test`, `fid` and `kid`; where z are angles, `angle`, the median angle in degrees between the points of
            z and z_hat on the sphere; else `encoder_loss`, the mean of (z - z_hat)² s², and `s`, the latent scale.
    """

    def __init__(self, train_images, test_images, path, n=1000):
        super().__init__(path)
        self.n = n
        self.test = test_images[:n].images
        self.features = features.load(train_images.name, train_images.image_shape[0])
        chosen = np.random.default_rng(0).permutation(len(train_images))[:n]
        self.real_features = predict(self.features, train_images[chosen].images)

    def on_epoch_end(self, epoch, logs=None):
        """Measure, and write."""
        generator, encoder = self.model.sampler, self.model.encoder
        z = keras.ops.convert_to_numpy(self.model.prior.sample(self.n, seed=1))
        x = predict(generator, z)
        inverter = EncoderInverter(encoder, generator)
        generated, test = inverter.invert(x), inverter.invert(self.test)
        made = predict(self.features, x)
        self.keep(
            psnr_generated=float(metrics.psnr(x, generated.images).mean()),
            ssim_generated=float(metrics.ssim(x, generated.images).mean()),
            psnr_test=float(metrics.psnr(self.test, test.images).mean()),
            ssim_test=float(metrics.ssim(self.test, test.images).mean()),
            fid=metrics.fid(made, self.real_features),
            kid=metrics.kid(made, self.real_features),
            **self._of_latents(z, generated.z),
        )

    def _of_latents(self, z, z_hat):
        if isinstance(self.model.prior, Angular):
            to_cartesian = self.model.to_cartesian
            return {"angle": float(np.degrees(np.median(paths.angle(to_cartesian(z), to_cartesian(z_hat)))))}
        s = keras.ops.convert_to_numpy(self.model.sampler.get_layer("latent_scale").scale)
        return {"encoder_loss": float(np.mean(np.square((z - z_hat) * s))),
                "s": [round(float(scale), 4) for scale in s]}  # fmt: skip
