"""Two replicas, on two logical devices of this machine's processor, do what one does with the whole batch."""

import os
import subprocess
import sys

import pytest

RUN = """
import sys
import tensorflow as tf

processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)

import keras
import numpy as np

from ganinv_keras import Angular, Normal, load_images, networks
from ganinv_keras.training.direction_embedding import DirectionEmbeddingGAN
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN
from ganinv_keras.training.encoders import AEGAN
from ganinv_keras.training.gan import GAN

SHAPE = {"image_size": 32, "channels": 1, "width": 2, "max_channels": 8}
IMAGES = load_images("mnist", "train", verbose=False).at(32)[:200]


def one_headed():
    two_headed = networks.style_discriminator(latent_dim=4, **SHAPE)
    return keras.Model(two_headed.input, two_headed.outputs[0])


def made(kind):
    keras.utils.set_random_seed(0)
    if kind == "direction":
        parts = networks.style_generator(latent_dim=7, angular=True, **SHAPE), networks.style_embedder(7, **SHAPE)
        model = DirectionEmbeddingGAN(*parts, Angular(7), r1_weight=1.0, r1_every=2)
    elif kind == "aegan":
        parts = networks.style_generator(latent_dim=4, **SHAPE), networks.style_encoder(latent_dim=4, **SHAPE)
        model = AEGAN(*parts, Normal(4))
        model.compile(keras.optimizers.SGD(0.1))
        return model
    elif kind == "gan":
        model = GAN(networks.style_generator(latent_dim=4, **SHAPE), one_headed(), Normal(4), ema=0.9,
                    soft_labels=[[0.7, 1.2], [0.0, 0.3]], gradient_penalty_weight=1.0)
    else:
        parts = networks.style_generator(latent_dim=4, **SHAPE), networks.style_discriminator(latent_dim=4, **SHAPE)
        model = DynamicLatentScaleGAN(*parts, Normal(4), v_from=kind, r1_weight=1.0, r1_every=2, scale_from=3)
    model.compile(keras.optimizers.SGD(0.02), keras.optimizers.SGD(0.02))
    return model


def trained(kind, strategy):
    with strategy.scope():
        model = made(kind)
        if kind == "aegan":
            history = model.fit_generated(1, 20, 8, verbose=0).history
        else:
            history = model.fit_images(IMAGES, 1, 20, 8, verbose=0).history
    return history, model.get_weights()


for kind in sys.argv[1:]:
    one, alone = trained(kind, tf.distribute.get_strategy())
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], tf.distribute.ReductionToOneDevice())
    two, together = trained(kind, strategy)
    for name, values in one.items():
        assert np.allclose(values, two[name], atol=1e-5), (kind, name, values, two[name])
    for a, b in zip(alone, together, strict=True):
        assert np.allclose(a, b, atol=1e-5), (kind, np.abs(a - b).max())
    print(kind, "is equal")
"""

# Keras's own data parallelism runs on TensorFlow, and puts the whole batch and all weights on one device. Before Keras
# 3.15 it does not even run.
ALONE = """
import tensorflow as tf

processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)

import keras
import numpy as np


class Look(keras.layers.Layer):
    def call(self, x):
        if hasattr(x, "numpy"):
            print("seen:", len(x), x.device[-5:])
        return x


keras.distribution.set_distribution(keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"]))
model = keras.Sequential([keras.Input((3,)), Look(), keras.layers.Dense(1)])
model.compile("sgd", "mse", run_eagerly=True)
model.fit(np.ones((8, 3)), np.ones((8, 1)), batch_size=8, verbose=0)
"""


def test_the_data_parallelism_of_keras_does_nothing_on_tensorflow():
    ran = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, env=os.environ)
    refused = "has no attribute 'num_processes'" in ran.stderr
    seen = [line for line in ran.stdout.splitlines() if "seen" in line]
    assert seen == ([] if refused else ["seen: 8 CPU:0"]), ran.stderr[-2000:]
    assert refused == (ran.returncode != 0)


@pytest.mark.parametrize("kinds", [["correlation"], pytest.param(["gan", "moment", "direction", "aegan"],
                                                                marks=pytest.mark.slow)])  # fmt: skip
def test_two_replicas_are_one_with_the_whole_batch(kinds):
    ran = subprocess.run([sys.executable, "-c", RUN, *kinds], capture_output=True, text=True, env=os.environ)
    assert [line.split()[0] for line in ran.stdout.splitlines() if "is equal" in line] == kinds, ran.stderr[-2000:]
