"""What is seen of images, and what is known of them beside: noise, classes."""

import keras
import numpy as np
from harness import tried
from hypothesis import given
from hypothesis import strategies as st
from odd import anything, numbers, objects

from ganinv_keras import LatentOptimizer, LevenbergMarquardt, Uniform
from ganinv_keras.inversion import measurements
from ganinv_keras.labels import classes_of

PRIOR = Uniform(4)
Z = np.asarray(PRIOR.sample(3, seed=0))


def generator(channels=1, classes=0):
    z, label = keras.Input((4,)), keras.Input((classes,))
    kernel, bias = keras.initializers.Orthogonal(0.4, seed=1), keras.initializers.Constant(0.5)
    h = keras.layers.concatenate([z, label]) if classes else z
    h = keras.layers.Dense(64 * channels, kernel_initializer=kernel, bias_initializer=bias)(h)
    return keras.Model([z, label] if classes else z, keras.layers.Reshape((8, 8, channels))(h))


G, G_RGB, G_CLASS = generator(), generator(3), generator(classes=3)
LABELS = np.array([2, 0, 1])
X = np.asarray(G(Z))
X_RGB = np.asarray(G_RGB(Z))
X_CLASS = np.asarray(G_CLASS([Z, np.eye(3, dtype="float32")[LABELS]]))
PLAIN = [LatentOptimizer(G, PRIOR, "mse"), LevenbergMarquardt(G, PRIOR)]
WITH_CLASSES = [LatentOptimizer(G_CLASS, PRIOR, "mse"), LevenbergMarquardt(G_CLASS, PRIOR)]
MASK, INDICES = np.eye(8), np.arange(20)
MASK_EACH, INDICES_EACH = np.stack([MASK, 1 - MASK, MASK]), INDICES + np.arange(3)[:, None]
PARTS = [measurements.Grey(), measurements.Downsample(2), measurements.Mask(MASK)]
SEEN = {
    "Mask": st.one_of(anything(MASK), anything(MASK_EACH)).map(lambda a: (a,)),
    "Pixels": st.one_of(anything(INDICES), anything(INDICES_EACH)).map(lambda a: (a,)),
    "Downsample": numbers(most=300).map(lambda a: (a,)),
    "Blur": numbers().map(lambda a: (a,)),
    "Gaussian": st.tuples(numbers(most=300), numbers()),
    "Grey": st.just(()),
    "Compose": st.lists(st.one_of(st.sampled_from(PARTS), objects()), min_size=1, max_size=3).map(tuple),
}  # fmt: skip


@given(st.sampled_from(list(SEEN)), st.data())
def test_what_is_seen(name, data):
    for measurement in tried(getattr(measurements, name), *data.draw(SEEN[name])):
        for g, x in ((G, X), (G_RGB, X_RGB)):
            for y in tried(measurement, x):
                assert y.dtype == "float32" and np.isfinite(y).all()
                assert y.shape == (3, *measurement.seen_shape(x.shape[1:]))
            for inverter in (LatentOptimizer(g, PRIOR, "mse"), LevenbergMarquardt(g, PRIOR)):
                inverter.measurement = measurement
                for inversion in tried(inverter.invert, x, steps=2):
                    assert inversion.z.shape == (3, 4) and np.isfinite(inversion.z).all()
                    assert np.allclose(inversion.images, g(inversion.z), atol=1e-4)


MEASURED = [
    [LatentOptimizer(G, PRIOR, "mse", measurement=seen), LevenbergMarquardt(G, PRIOR, measurement=seen)]
    for seen in (measurements.Mask(MASK), measurements.Mask(MASK_EACH), measurements.Pixels(INDICES),
                 measurements.Downsample(2), measurements.Gaussian(30))
]  # fmt: skip


@given(st.sampled_from(MEASURED), st.data())
def test_images_that_are_measured(inverters, data):
    measurement = inverters[0].measurement
    x = data.draw(st.one_of(anything(X), anything(measurement(X))))
    for y in tried(measurement, x):
        assert y.dtype == "float32" and np.isfinite(y).all()
    for inverter in inverters:
        for inversion in tried(inverter.invert, x, steps=2):
            assert len(inversion.z) == len(np.asarray(x)) and np.isfinite(inversion.z).all()


@given(st.one_of(numbers(), objects(), st.just("residual")))
def test_noise(noise):
    for inversion in tried(PLAIN[1].invert, X, steps=3, restarts=1, noise=noise):
        bars = (inversion.std, inversion.image_std)
        assert noise is None or all(np.isfinite(bar).all() and (bar >= 0).all() for bar in bars)


@given(anything(LABELS))
def test_classes(labels):
    for inverter in WITH_CLASSES:
        for inversion in tried(inverter.invert, X_CLASS, steps=2, labels=labels):
            assert inversion.labels.shape == (3,) and np.isin(inversion.labels, range(3)).all()
            if labels is not None:
                assert np.array_equal(inversion.labels, np.asarray(labels))
    for inverter in PLAIN:
        for inversion in tried(inverter.invert, X, steps=1, labels=labels):
            assert labels is None and inversion.labels is None


@given(st.sampled_from([(), (1,), (3,), (None,), (2, 2)]), st.integers(0, 2))
def test_second_inputs(shape, more):
    z, others = keras.Input((4,)), [keras.Input(shape) for _ in range(more)]
    h = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64)(z))
    h += 0.0 * sum(map(keras.ops.sum, others))  # older Keras takes no input that leads nowhere
    for inverter in tried(LatentOptimizer, keras.Model([z, *others], h), PRIOR):
        assert more == 0 or (more == 1 and classes_of(inverter.generator) == 3 == shape[0])
