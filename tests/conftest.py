"""Small models that several test files share."""

import os

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # processes share the work, and each of them has a core
import keras
import pytest
from hypothesis import HealthCheck, settings
from keras import layers

from ganinv_keras.networks.priors import Uniform

settings.register_profile("quick", max_examples=12, derandomize=True, deadline=None, database=None,
                          suppress_health_check=list(HealthCheck))  # fmt: skip
settings.register_profile("long", settings.get_profile("quick"), max_examples=2000, derandomize=False)
settings.load_profile("quick")


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture
def prior():
    return Uniform(4)


@pytest.fixture
def linear_generator():
    """G(z) = ½ + A z with a well-conditioned A: z can be read back exactly."""
    z = keras.Input((4,))
    h = layers.Dense(64, kernel_initializer=keras.initializers.Orthogonal(0.4, seed=1), bias_initializer=half)(z)
    return keras.Model(z, layers.Reshape((8, 8, 1))(h))


def half(shape, dtype=None):
    return keras.ops.full(shape, 0.5, dtype)


@pytest.fixture
def small_gan_parts():
    """A generator with batch normalisation and a discriminator for 8×8 images, both tiny."""
    z = keras.Input((4,))
    h = layers.Reshape((4, 4, 4))(layers.Dense(64)(z))
    h = layers.ReLU()(layers.BatchNormalization()(h))
    generator = keras.Model(z, layers.Conv2DTranspose(1, 3, 2, "same", activation="sigmoid")(h))
    x = keras.Input((8, 8, 1))
    h = layers.LeakyReLU(0.2)(layers.Conv2D(4, 3, 2, "same")(x))
    discriminator = keras.Model(x, layers.Dense(1)(layers.Flatten()(h)))
    return generator, discriminator
