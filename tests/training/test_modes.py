"""In a training step whatever is trained runs in training mode, and what is frozen at inference."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from samples import squares

from ganinv_keras.networks.layers import LatentScale
from ganinv_keras.networks.priors import Angular, Normal
from ganinv_keras.training.bigan import BiGAN
from ganinv_keras.training.direction_embedding import AngleErrorGAN, DirectionEmbeddingGAN
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN
from ganinv_keras.training.encoders import AEGAN, LatentRegressor
from ganinv_keras.training.gan import GAN

SEEN = []


class Mode(layers.Layer):
    """Passes its input on, and notes in which mode it is called."""

    def call(self, x, training=None):
        SEEN.append((self.name, training))
        return x


def generator(scaled=False):
    z = keras.Input((3,))
    h = LatentScale(name="latent_scale")(z) if scaled else z
    return keras.Model(z, layers.Reshape((8, 8, 1))(layers.Dense(64, "sigmoid")(Mode(name="G")(h))))


def reader(name, *units):
    x = keras.Input((8, 8, 1))
    h = layers.Flatten()(Mode(name=name)(x))
    answers = [layers.Dense(size, "softplus")(h) for size in units]
    return keras.Model(x, answers if len(answers) > 1 else answers[0])


def pairs():
    x, z = keras.Input((8, 8, 1)), keras.Input((3,))
    h = layers.Concatenate()([layers.Flatten()(Mode(name="D")(x)), z])
    return keras.Model([x, z], layers.Dense(1)(h))


@pytest.mark.parametrize(
    ("make", "trained"),
    [
        (lambda: GAN(generator(), reader("D", 1), Normal(3), r1_weight=1.0, gradient_penalty_weight=1.0), "GD"),
        (lambda: DynamicLatentScaleGAN(generator(True), reader("D", 1, 3), Normal(3), r1_weight=1.0), "GD"),
        (lambda: DirectionEmbeddingGAN(generator(), reader("D", 4), Angular(3)), "GD"),
        (lambda: AngleErrorGAN(generator(), reader("D", 4), Angular(3)), "GD"),
        (lambda: BiGAN(generator(), reader("E", 3), pairs(), Normal(3), r1_weight=1.0), "GED"),
        (lambda: AEGAN(generator(), reader("E", 3), Normal(3)), "E"),
        (lambda: LatentRegressor(generator(), reader("E", 3), Normal(3)), "E"),
    ],
)
def test_what_is_trained_runs_in_training_mode(make, trained):
    model = make()
    count = 2 if isinstance(model, GAN) else 1
    model.compile(*(keras.optimizers.SGD(0.1) for _ in range(count)))
    SEEN.clear()
    model.train_step(tf.constant(squares(4).images))
    assert {name for name, _ in SEEN} >= set(trained)
    assert all(training == (name in trained) for name, training in SEEN)


def test_losses_are_means_over_the_batch():
    images, z = np.repeat(squares(1).images, 6, 0), np.ones((6, 3), "float32")
    for kind, parts in (
        (GAN, (generator(), reader("D", 1), Normal(3))),
        (DynamicLatentScaleGAN, (generator(True), reader("D", 1, 3), Normal(3))),
        (DirectionEmbeddingGAN, (generator(), reader("D", 4), Angular(3))),
        (BiGAN, (generator(), reader("E", 3), pairs(), Normal(3))),
    ):
        model = kind(*parts)
        model.prior = Same(model.prior, 0.3 * z)
        few, many = (model.compute_losses(tf.constant(images[:n])) for n in (2, 6))
        assert float(few.discriminator) == pytest.approx(float(many.discriminator), rel=1e-2)
        assert float(few.generator) == pytest.approx(float(many.generator), rel=1e-2)
        for name, value in few.logs.items():
            assert float(value) == pytest.approx(float(many.logs[name]), rel=1e-2)


class Same:
    """A prior that draws the same rows again and again."""

    def __init__(self, prior, z):
        self.dim, self.z = prior.dim, z

    def sample(self, n, seed):
        return tf.constant(self.z[: int(n)])
