"""Invert by one pass through an encoder, and refine its answer by another inverter."""

import time

import numpy as np
from keras import ops

from ganinv_keras import losses
from ganinv_keras.checks import check_images
from ganinv_keras.inversion.record import Inversion


def predict(model, inputs, batch_size=256):
    """Run a model at inference, batch by batch, without compiling anything: for one pass that would take longer.

    Args:
        model: a Keras model with one input and one output.
        inputs: an array of shape `(n, …)`.
        batch_size: rows computed at a time. Defaults to 256.

    Returns:
        A NumPy array of shape `(n, …)`.
    """
    parts = [model(inputs[first : first + batch_size], training=False) for first in range(0, len(inputs), batch_size)]
    return np.concatenate([ops.convert_to_numpy(part) for part in parts])


class EncoderInverter:
    """Invert a generator by one pass through an encoder.

    Args:
        encoder: a model from images to z.
        generator: a model from z to images in [0, 1].
    """

    def __init__(self, encoder, generator):
        self.encoder = encoder
        self.generator = generator

    def invert(self, images, batch_size=256):
        """Invert images.

        Args:
            images: float32 in [0, 1], shape `(n, height, width, channels)`, the generator's.
            batch_size: images computed at a time. Defaults to 256.

        Returns:
            An `Inversion`, whose loss is the mean squared error, whose history has one entry, and whose
            `steps_taken` are 0.

        Raises:
            ValueError: if the images are not as described.
        """
        started = time.perf_counter()
        images = check_images(images, self.generator.output_shape[1:])
        z = predict(self.encoder, images, batch_size)
        reconstructions = predict(self.generator, z, batch_size)
        loss = ops.convert_to_numpy(losses.mse(images, reconstructions))
        return Inversion(z, reconstructions, loss, {"step": np.zeros(1, int), "loss": loss[None]},
                         np.zeros(len(z), int), time.perf_counter() - started)  # fmt: skip


class HybridInverter:
    """Refine an encoder's answer by another inverter (Zhu et al.): the encoder finds the valley, descent the bottom.

    Args:
        encoder: a model from images to z.
        inverter: a `LatentOptimizer` or `LevenbergMarquardt` for the generator.
    """

    def __init__(self, encoder, inverter):
        self.encoder = encoder
        self.inverter = inverter

    def invert(self, images, **kwargs):
        """Invert images from where the encoder puts them; `kwargs` and the result are the inverter's."""
        images = check_images(images, self.encoder.input_shape[1:])
        return self.inverter.invert(images, initial_z=predict(self.encoder, images), **kwargs)
