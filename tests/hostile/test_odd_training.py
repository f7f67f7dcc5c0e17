"""Models that train: what they are made of, their options, and how they are run."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from harness import tried
from hypothesis import given
from hypothesis import strategies as st
from odd import anything, numbers, objects
from samples import squares

from ganinv_keras import Angular, Normal, Uniform
from ganinv_keras.networks.layers import LatentScale
from ganinv_keras.training.bigan import BiGAN
from ganinv_keras.training.conditional import ConditionalGAN
from ganinv_keras.training.direction_embedding import AngleErrorGAN, DirectionEmbeddingGAN
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN
from ganinv_keras.training.encoders import AEGAN, LatentRegressor
from ganinv_keras.training.gan import GAN

X = tf.constant(squares(4).images)


def generator(d=3, scaled=False, classes=0):
    z, label = keras.Input((d,)), keras.Input((classes,))
    h = LatentScale(name="latent_scale")(z) if scaled else z
    if classes:
        h = keras.layers.Concatenate()([h, label])
        return keras.Model([z, label], keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, "sigmoid")(h)))
    return keras.Model(z, keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, "sigmoid")(h)))


def reader(*units):
    x = keras.Input((8, 8, 1))
    h = keras.layers.Flatten()(x)
    answers = [keras.layers.Dense(size)(h) for size in units]
    return keras.Model(x, answers if len(answers) > 1 else answers[0])


def pairs(d=3):
    """Return a discriminator of images and what belongs to them: latents, or classes."""
    x, z = keras.Input((8, 8, 1)), keras.Input((d,))
    return keras.Model([x, z], keras.layers.Dense(1)(keras.layers.Concatenate()([keras.layers.Flatten()(x), z])))


KINDS = {
    GAN: lambda: (generator(), reader(1), Normal(3)),
    ConditionalGAN: lambda: (generator(classes=4), pairs(4), Normal(3)),
    DynamicLatentScaleGAN: lambda: (generator(3, scaled=True), reader(1, 3), Normal(3)),
    DirectionEmbeddingGAN: lambda: (generator(), reader(4), Angular(3)),
    AngleErrorGAN: lambda: (generator(), reader(4), Angular(3)),
    BiGAN: lambda: (generator(), reader(3), pairs(), Normal(3)),
    AEGAN: lambda: (generator(), reader(3), Normal(3)),
    LatentRegressor: lambda: (generator(), reader(3), Normal(3)),
}
STRANGERS = st.one_of(
    objects(),
    st.sampled_from(
        [
            generator(),
            generator(5),
            generator(classes=3),
            pairs(),
            reader(1),
            reader(3),
            reader(1, 3),
            Normal(3),
            Normal(5),
            Uniform(3),
            Angular(3),
            Normal,
            keras.Model,
            keras.Sequential([keras.layers.Dense(3)]),
        ]
    ),  # fmt: skip
)
OPTIONS = {
    GAN: ("adversarial", "r1_weight", "r1_every", "gradient_penalty_weight", "soft_labels", "ema", "seed"),
    ConditionalGAN: ("r1_weight", "soft_labels", "seed"),
    DynamicLatentScaleGAN: (
        "encoder_weight",
        "v_from",
        "past_batches",
        "v_momentum",
        "dynamic",
        "scale_from",
        "soft_labels",
    ),
    DirectionEmbeddingGAN: ("embedding_weight", "ema", "r1_weight"),
    AngleErrorGAN: ("generation_ratio",),
    BiGAN: ("r1_weight", "seed"),
    AEGAN: ("seed", "damage"),
}


def is_sound(model):
    """One step leaves all weights finite. (With a huge weight of a penalty they may be anything.)"""
    if isinstance(model, GAN):
        model.compile(keras.optimizers.SGD(1e-30), keras.optimizers.SGD(1e-30), jit_compile=False)
    else:
        model.compile(keras.optimizers.SGD(1e-30), jit_compile=False)
    logs = model.train_step((X, tf.eye(4)) if isinstance(model, ConditionalGAN) else X)
    return all(np.shape(value) == () for value in logs.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(place=st.integers(0, 3), stranger=STRANGERS)
def test_parts(kind, place, stranger):
    parts = list(KINDS[kind]())
    parts[place % len(parts)] = stranger
    for model in tried(kind, *parts):
        assert is_sound(model)


PAIRS = st.lists(st.one_of(numbers(), st.lists(numbers(), max_size=3), objects()), max_size=3)


@pytest.mark.parametrize("kind", OPTIONS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_options(kind, data):
    name = data.draw(st.sampled_from(OPTIONS[kind]))
    for model in tried(kind, *KINDS[kind](), **{name: data.draw(st.one_of(numbers(most=50), objects(), PAIRS))}):
        assert is_sound(model)


GAN_AT_HAND = GAN(*KINDS[GAN]())
GAN_AT_HAND.compile(keras.optimizers.SGD(1e-3), keras.optimizers.SGD(1e-3), jit_compile=False)
ENCODER_AT_HAND = AEGAN(*KINDS[AEGAN]())
ENCODER_AT_HAND.compile(keras.optimizers.SGD(1e-3), jit_compile=False)


@given(st.one_of(anything(squares(4).images), st.just(squares(4))), numbers(most=1), numbers(most=1), numbers(most=4))
def test_runs(images, epochs, steps, batch_size):
    GAN_AT_HAND.step.assign(0)
    for history in tried(GAN_AT_HAND.fit_images, images, epochs, steps, batch_size, verbose=0):
        assert len(history.epoch) == epochs
    ENCODER_AT_HAND.step.assign(0)
    for history in tried(ENCODER_AT_HAND.fit_generated, epochs, steps, batch_size, verbose=0):
        assert len(history.epoch) == epochs


@given(st.one_of(objects(), st.sampled_from(["a.h5", "a", "no/a.weights.h5", 3, b"\x00.weights.h5"])), st.binary())
def test_checkpoints(tmp_path_factory, name, content):
    folder = tmp_path_factory.mktemp("odd")
    path = folder / name if isinstance(name, str) and name else name
    GAN_AT_HAND.step.assign(0)
    for history in tried(GAN_AT_HAND.fit_images, squares(4), 1, 1, 4, path, verbose=0):
        assert len(history.epoch) == 1
    (folder / "b.weights.h5").write_bytes(content)
    for _ in tried(GAN_AT_HAND.load_checkpoint, folder / "b.weights.h5"):
        raise AssertionError("that was no checkpoint")
