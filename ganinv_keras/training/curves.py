"""Curves over a training: how well the encoder that grows inside a GAN inverts it, epoch by epoch."""

import keras

from ganinv_keras import files
from ganinv_keras.measures.quality import Judge
from ganinv_keras.training.callbacks import Records


def path_of(name):
    """Return where the curves of a recipe of `pretrained` are kept."""
    return files.ASSETS / "results" / "curves" / f"{name}.json"


class EncoderCurves(Records):
    """Measure a GAN with an encoder at the end of every epoch, and keep the numbers in a file.

    The generator is the GAN's sampler.

    Args:
        train_images: see `measures.quality.Judge`.
        test_images: see there.
        path: the JSON file, written after every epoch; a training that goes on reads it first.
        n: how many images of each kind, at most. Defaults to 1,000.

    Attributes:
        judge: the `Judge`.
        records: a list of dictionaries, one for each epoch: `step`, what the judge says, and where there is a latent
            scale, that as `s`.
    """

    def __init__(self, train_images, test_images, path, n=1000):
        super().__init__(path)
        self.judge = Judge(train_images, test_images, n)

    def on_epoch_end(self, epoch, logs=None):
        """Measure, and write."""
        record = self.judge(self.model.sampler, self.model.prior, self.model.encoder)
        if hasattr(self.model, "latent_scale"):
            s = keras.ops.convert_to_numpy(self.model.sampler.get_layer("latent_scale").scale)
            record["s"] = [round(float(scale), 4) for scale in s]
        self.keep(**record)
