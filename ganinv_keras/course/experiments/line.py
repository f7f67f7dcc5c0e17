"""Discs on a line: a world of one number, in which the answers of a direction embedding discriminator can be drawn.

One angle makes two coordinates, so that what D answers to an image is an arrow in the plane.
"""

import keras
import numpy as np

from ganinv_keras.course.experiments import discs
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.networks.priors import Angular
from ganinv_keras.networks.style import style_embedder, style_generator
from ganinv_keras.training.direction_embedding import DirectionEmbeddingGAN


def images(n, seed=0):
    """Draw discs of one size at one height, an `ImageSet` as `discs.images`: their `x` alone makes an image."""
    return discs.images(n, seed, rows=(7.5, 7.5))


def gan(seed=0):
    """Return a small direction embedding GAN of one angle for such images, compiled."""
    keras.utils.set_random_seed(seed)
    shape = {"latent_dim": 1, "image_size": discs.SIZE, "channels": 1, "width": 8, "max_channels": 64}
    networks = style_generator(**shape, angular=True, brightness=0.1), style_embedder(**shape)
    model = DirectionEmbeddingGAN(*networks, Angular(1), r1_weight=1.0, r1_every=4, ema=0.99, seed=seed)
    model.compile(keras.optimizers.Adam(2e-3, 0.0, 0.99), keras.optimizers.Adam(2e-3, 0.0, 0.99))
    return model


class Watch(keras.callbacks.Callback):
    """Keep what D answers to the same real images, and to images of the same latents, at some moments of a training.

    Args:
        real: real images, shape `(n, 16, 16, 1)`.
        moments: the steps after which to look.

    Attributes:
        z: n angles, shape `(n, 1)`, evenly spread.
        records: a list of dictionaries: `step`, D's vectors of shape `(n, 2)` for the images of z, `generated`, and
            for the `real` ones, and what the real ones come back as, `images`.
    """

    def __init__(self, real, moments):
        super().__init__()
        self.real, self.moments, self.records = real, set(moments), []
        self.z = ((np.arange(len(real), dtype="float32") + 0.5) * (np.pi / 2 / len(real)))[:, None]

    def on_train_batch_end(self, batch, logs=None):
        """Look, if it is time."""
        if (step := self.model.steps_taken) in self.moments:
            G, D = self.model.sampler, self.model.discriminator
            back = predict(G, predict(self.model.encoder, self.real))
            vectors = {"generated": predict(D, predict(G, self.z)), "real": predict(D, self.real)}
            self.records.append({"step": step, "images": back, **vectors})
