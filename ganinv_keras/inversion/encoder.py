"""Invert by one pass through an encoder, and refine its answer by another inverter."""

import dataclasses
import time

import keras
import numpy as np
from keras import ops

from ganinv_keras import checks, losses
from ganinv_keras.inversion.measurements import take
from ganinv_keras.inversion.record import Inversion, warn_of_losses


def predict(model, inputs, batch_size=256):
    """Run a model at inference, batch by batch, without compiling anything: for one pass that would take longer.

    Args:
        model: a Keras model with one output.
        inputs: an array of shape `(n, …)`, or a list of one for each input of a model that has several.
        batch_size: rows computed at a time. Defaults to 256.

    Returns:
        A float32 NumPy array of shape `(n, …)`.

    Raises:
        ValueError: if the model is none or has several outputs, the inputs are no numbers, not as the model takes
            them, or there are none, or `batch_size` is less than 1.
    """
    if not isinstance(model, keras.Model):
        raise ValueError(f"Invalid value received for argument `model`. Expected a Keras model. Received: {model!r}")
    batch_size = checks.check_positive_integer(batch_size, "batch_size")
    several = len(getattr(model, "inputs", None) or ()) > 1
    inputs = [checks.check_numbers(one, "inputs") for one in (inputs if several else [inputs])]
    if not all(one.ndim and one.size for one in inputs):
        raise ValueError(f"inputs must be an array (n, …) with n ≥ 1, got shape {inputs[0].shape}")
    batches = ([one[i : i + batch_size] for one in inputs] for i in range(0, len(inputs[0]), batch_size))
    try:
        parts = [model(batch if several else batch[0], training=False) for batch in batches]
    except (TypeError, ValueError) as error:
        raise ValueError(f"The model cannot take inputs of shape {inputs[0].shape} and type {inputs[0].dtype}: "
                         f"{str(error).splitlines()[0]}") from error  # fmt: skip
    if not ops.is_tensor(parts[0]):
        raise ValueError(f"The model must have one output, a tensor, got a {type(parts[0]).__name__}.")
    return np.concatenate([ops.convert_to_numpy(ops.cast(part, "float32")) for part in parts])


class EncoderInverter:
    """Invert a generator by one pass through an encoder.

    Args:
        encoder: a model from images to z.
        generator: a model from z to images in [0, 1].

    Raises:
        ValueError: if one does not take what the other makes.
    """

    def __init__(self, encoder, generator):
        checks.check_model(generator, "generator")
        checks.check_image_model(generator)
        checks.check_encoder(encoder, generator)
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
            ValueError: if the images are not as described, `batch_size` is less than 1, or the encoder's answer or a
                weight of the generator is not finite.
        """
        started = time.perf_counter()
        checks.check_weights(self.generator, "generator")
        images = checks.check_images(images, self.generator.output_shape[1:])
        z = _encode(self.encoder, images, batch_size)
        reconstructions = predict(self.generator, z, batch_size)
        checks.warn_of_range(reconstructions, stacklevel=3)
        loss = ops.convert_to_numpy(losses.mse(images, reconstructions))
        warn_of_losses(loss)
        return Inversion(z, reconstructions, loss, {"step": np.zeros(1, int), "loss": loss[None]},
                         np.zeros(len(z), int), time.perf_counter() - started)  # fmt: skip


class HybridInverter:
    """Refine an encoder's answer by another inverter (Zhu et al.): the encoder finds the valley, descent the bottom.

    Args:
        encoder: a model from images to z; from what is seen of them, where the inverter has a `measurement`. What keeps
            the shape of an image, as `Mask` and `Blur` do, can be given to any encoder of images.
        inverter: a `LatentOptimizer` with one start for each image, or a `LevenbergMarquardt`, for the generator.

    Raises:
        ValueError: if the inverter is none of them, or the encoder does not fit its generator and measurement.
    """

    def __init__(self, encoder, inverter):
        if not hasattr(inverter, "invert") or not hasattr(inverter, "prior") or getattr(inverter, "restarts", 1) != 1:
            raise ValueError("Invalid value received for argument `inverter`. Expected a LatentOptimizer with "
                             f"restarts=1, or a LevenbergMarquardt. Received: {inverter!r}")  # fmt: skip
        self.encoder = encoder
        self.inverter = inverter
        self._image_shape()

    def _image_shape(self):
        """Check the encoder against the inverter as it is now, and return the shape of its images."""
        generator, measurement = self.inverter.generator, self.inverter.measurement
        image_shape = generator.output_shape[1:]
        checks.check_encoder(self.encoder, generator, measurement and measurement.seen_shape(image_shape))
        return image_shape

    def invert(self, images, **kwargs):
        """Invert images from where the encoder puts them; images, `kwargs` and the result are the inverter's.

        Raises:
            ValueError: as the inverter, and if the encoder's answer is not finite.
        """
        y, _ = take(self.inverter.measurement, images, self._image_shape())
        begin = time.perf_counter()
        z = _encode(self.encoder, y)
        encoded = time.perf_counter() - begin
        found = self.inverter.invert(y, initial_z=z, **kwargs)
        return dataclasses.replace(found, seconds=found.seconds + encoded)


def _encode(encoder, images, batch_size=256):
    """Return what an encoder answers for images, `(n, d)`, if it is finite."""
    z = predict(encoder, images, batch_size)
    return checks.check_latents(z, "the encoder's z", (len(images), *encoder.output_shape[1:]))
