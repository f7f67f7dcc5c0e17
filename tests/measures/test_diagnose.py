"""Faults are planted one at a time in a world of coloured discs, and each is named; a world without one is not."""

import re

import keras
import numpy as np
import pytest
from keras import layers, ops

from ganinv_keras import Normal, Uniform, diagnose
from ganinv_keras.measures import diagnose as room

SIZE = 16
COLOURS = np.array([1.0, 0.6, 0.2], "float32")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(room, "STEPS", 25)
    monkeypatch.setattr(room, "DRAWS", 300)


def discs(before=lambda z: z, after=lambda x: x, d=3):
    """A generator of orange discs in the upper left, of place and size that z says."""
    z = keras.Input((d,))
    h = before(z)
    rows, columns = (ops.convert_to_tensor(axis, "float32") for axis in np.indices((SIZE, SIZE)))
    x, y, r = (ops.tanh(0.7 * h[:, i, None, None]) for i in range(3))
    away = ops.sqrt(ops.square(columns - 6 - 2 * x) + ops.square(rows - 5 - 2 * y) + 0.01)
    disc = ops.sigmoid(2 * (2.5 + r - away))
    return keras.Model(z, after(0.05 + 0.9 * disc[..., None] * COLOURS))


def images(n=16, seed=5):
    return np.asarray(discs()(Normal(3).sample(n, seed)))


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_said_of_what_is_right(seed):
    found = diagnose(discs(), images(seed=seed + 10), seed=seed)
    assert found.healthy and str(found).startswith("Nothing is wrong.") and found.reasons == (None,) * 16
    assert found.numbers["directions of z that do something"] == 3
    assert found.numbers["these images, PSNR in dB"] > 25 and found.numbers["own images, PSNR in dB"] > 25
    assert found.reconstructions.shape == found.nearest.shape == found.images.shape
    assert found.spectrum[0] == pytest.approx(1) and (found.spectrum > 1e-6).all()


class OfBatch(layers.BatchNormalization):
    def call(self, inputs, training=None):
        return 0.5 + 0.1 * super().call(inputs, training=True)


class Dropping(layers.Dropout):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


def exploded():
    generator = discs(lambda z: layers.Dense(3)(z))
    generator.set_weights([np.full((3, 3), np.nan), np.zeros(3)])
    return generator


GENERATORS = {
    "are not finite: its training exploded": exploded,
    "another image of the same z each time": lambda: discs(Dropping(0.5)),
    "of a z that is alone than in a batch": lambda: discs(after=OfBatch()),
    "draws images from -0.9 to .* a layer Rescaling\\(0.5, 0.5\\)": lambda: discs(after=lambda x: 2 * x - 1),
    "draws images from 13 to 2.4e\\+02, .* Rescaling\\(1 / 255\\)": lambda: discs(after=lambda x: 255 * x),
    "it draws the same few images": lambda: discs(lambda z: 0 * z),
    "1 of 4 elements of z do nothing, counted from 0: 3": lambda: discs(d=4),
    "Around any z, 1 of 4 directions do nothing": lambda: discs(lambda z: z[:, :3] + z[:, 1:], d=4),
    "No gradient reaches z .*such as rounding": lambda: discs(after=lambda x: ops.round(20 * x) / 20),
    "No gradient reaches z: a layer is saturated": lambda: discs(after=lambda x: ops.sigmoid(1e5 * (x - 0.5))),
    "the gradient does not say where they are": lambda: discs(after=lambda x: ops.stop_gradient(2 * x) - x),
}


@pytest.mark.parametrize("words", GENERATORS)
def test_faults_of_the_generator(words):
    found = diagnose(GENERATORS[words](), images())
    assert not found.healthy
    assert len(found.findings) == 1 and re.search(words, found.findings[0]), found.findings


IMAGES = {
    "if they lie in [-1, 1], use (images + 1) / 2": lambda x: 2 * x - 1,
    "divide by 255": lambda x: 255 * x,
    "uint8": lambda x: np.round(255 * x).astype("uint8"),
    "got shape (16, 3, 16, 16)": lambda x: np.moveaxis(x, -1, 1),
    "NaN or infinity in 1 of 16": lambda x: np.where(np.arange(16)[:, None, None, None] == 3, np.nan, x),
    "as if they were negatives": lambda x: 1 - x,
    "as if they were turned upside down": lambda x: x[:, ::-1, ::-1],
    "turned by 90° clockwise": lambda x: np.rot90(x, -1, (1, 2)),  # discs: or mirrored
    "turned by 90° anticlockwise": lambda x: np.rot90(x, 1, (1, 2)),
    "as if they were in the order blue, green, red": lambda x: x[..., ::-1],
    "100% of the images are unlike all": lambda x: np.random.default_rng(0).random(x.shape, "float32"),
}


@pytest.mark.parametrize("words", IMAGES)
def test_faults_of_the_images(words):
    found = diagnose(discs(), IMAGES[words](images()))
    assert len(found.findings) == 1 and words in found.findings[0], found.findings


def test_one_image_fails_for_its_own_reason():
    mixed = np.array(images())
    mixed[2], mixed[5] = 0.3, np.random.default_rng(0).random(mixed[5].shape)
    found = diagnose(discs(), mixed)
    assert found.healthy and [i for i, reason in enumerate(found.reasons) if reason] == [2, 5]
    assert "image 2: failed, because all its pixels are alike" in str(found)
    assert "image 5: failed, because it is farther from all that the generator draws" in str(found)
    assert "<br>image 2: failed" in found._repr_html_()
    figure = found.figure(6)
    assert len(figure.axes) == 18 and len(figure.axes[2].lines) == 1 and not figure.axes[1].lines


def test_encoders():
    x = keras.Input((SIZE, SIZE, 3))
    encoder = keras.Model(x, layers.Dense(3, kernel_initializer="zeros")(layers.Flatten()(x)))
    (finding,) = diagnose(discs(), images(), encoder).findings
    assert "drawn no nearer to the image than the mean" in finding
    z = np.asarray(Normal(3).sample(500, 1))
    flat = np.asarray(discs()(z)).reshape(500, -1)
    kernel, *_ = np.linalg.lstsq(np.c_[flat, np.ones(500)], z, rcond=1e-4)
    encoder.set_weights([kernel[:-1], kernel[-1]])
    assert diagnose(discs(), images(), encoder).healthy
    encoder.set_weights([kernel[:-1], np.full(3, np.inf)])
    assert diagnose(discs(), images(), encoder).findings[0].startswith("Weights of the encoder are not finite")


def test_a_generator_that_takes_a_class():
    z, label = keras.Input((2,)), keras.Input((2,))
    small = discs()
    h = layers.Concatenate()([z, 4 * label[:, :1] - 2])
    generator = keras.Model([z, label], small(h))
    assert diagnose(generator, np.asarray(generator([Normal(2).sample(8, 3), ops.one_hot([0, 1] * 4, 2)]))).healthy


def test_arguments():
    with pytest.raises(ValueError, match="draws latents of dimension 4"):
        diagnose(discs(), images(), prior=Uniform(4))
    with pytest.raises(ValueError, match="Expected a Keras model"):
        diagnose(None, images())
    (finding,) = diagnose(discs(), "a folder").findings
    assert finding.startswith("The images cannot be inverted: Invalid value received for argument `images`")
