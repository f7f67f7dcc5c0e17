"""Inverters, encoders, constraints, and what they answer with."""

import keras
import numpy as np
import pytest
from harness import tried
from hypothesis import given
from hypothesis import strategies as st
from odd import anything, numbers, objects

from ganinv_keras import (
    EncoderInverter,
    HybridInverter,
    Inversion,
    LatentOptimizer,
    LevenbergMarquardt,
    Normal,
    Uniform,
)
from ganinv_keras.inversion import constraints
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.inversion.optimizers import default_optimizer

PRIOR = Uniform(4)
Z = np.asarray(PRIOR.sample(3, seed=0))


def linear():
    z = keras.Input((4,))
    kernel, bias = keras.initializers.Orthogonal(0.4, seed=1), keras.initializers.Constant(0.5)
    h = keras.layers.Dense(64, kernel_initializer=kernel, bias_initializer=bias)(z)
    return keras.Model(z, keras.layers.Reshape((8, 8, 1))(h))


def inverse():
    x = keras.Input((8, 8, 1))
    return keras.Model(x, keras.layers.Dense(4)(keras.layers.Flatten()(x)))


G, E = linear(), inverse()
X = np.asarray(G(Z))
DESCENT, NEWTON = LatentOptimizer(G, PRIOR, "mse"), LevenbergMarquardt(G, PRIOR)
MODELS = st.sampled_from([G, E, keras.Sequential([keras.layers.Dense(4)]), keras.Model, keras.layers.Dense(4), None,
                          "G", keras.Model(G.input, [G.output, G.output]), keras.Model(G.input, {"x": G.output}),
                          keras.Sequential([keras.Input(batch_shape=(3, 4)), keras.layers.Dense(64)]),
                          keras.Sequential([keras.Input((4,)), keras.layers.Dense(64)])])  # fmt: skip
PRIORS = st.sampled_from([PRIOR, Uniform(5), Normal(4), Uniform, Normal, None, 4, "normal"])


def holds(inversion, x):
    """N in, N out, finite, and images that are G(z)."""
    plain = np.asarray(x).astype("float64")
    assert inversion.z.shape == (len(plain), 4) and inversion.loss.shape == inversion.steps_taken.shape == (len(plain),)
    assert np.isfinite(inversion.z).all() and np.isfinite(inversion.loss).all()
    assert np.allclose(inversion.images, G(inversion.z), atol=1e-4)
    assert np.allclose(inversion.loss, np.square(plain - inversion.images).mean((1, 2, 3)), atol=1e-4)


@given(anything(X))
def test_images(x):
    for inversion in tried(DESCENT.invert, x, steps=2, batch_size=3):
        holds(inversion, x)
    for inversion in tried(NEWTON.invert, x, steps=2, restarts=1, batch_size=3):
        holds(inversion, x)
    for inversion in tried(EncoderInverter(E, G).invert, x):
        holds(inversion, x)
    for z in tried(predict, E, x):
        assert z.shape == (len(np.asarray(x)), 4)


@given(anything(Z), st.sampled_from([0, 7, np.int64(3), np.uint8(3), -1, None, "a", 2**63, 2**31, 2**32, 1.5, np.nan]))
def test_starts_and_seeds(z, seed):
    for inversion in tried(DESCENT.invert, X, steps=2, initial_z=z, seed=seed):
        holds(inversion, X)
    for inversion in tried(NEWTON.invert, X, steps=2, restarts=1, initial_z=z, seed=seed):
        holds(inversion, X)


@given(numbers(most=3), numbers(most=9), numbers())
def test_numbers_of_an_inversion(steps, batch_size, tolerance):
    for inversion in tried(DESCENT.invert, X, steps=steps, batch_size=batch_size, tolerance=tolerance):
        holds(inversion, X)
    for inversion in tried(NEWTON.invert, X, steps=steps, restarts=1, batch_size=batch_size):
        holds(inversion, X)
    for inverter in tried(LevenbergMarquardt, G, PRIOR, tolerance):
        holds(inverter.invert(X, steps=2, restarts=1), X)
    for inversion in tried(EncoderInverter(E, G).invert, X, batch_size):
        holds(inversion, X)


@given(
    st.one_of(objects(), st.sampled_from([[print], [None], "a", keras.optimizers.SGD, keras.losses.MeanSquaredError]))
)
def test_functions_and_optimisers(value):
    for inversion in tried(DESCENT.invert, X, steps=1, optimizer=value):
        holds(inversion, X)
    for inverter in tried(LatentOptimizer, G, PRIOR, loss=value):
        for inversion in tried(inverter.invert, X, steps=1):
            assert np.isfinite(inversion.z).all()
    for name in ("constraint", "penalty", "batch_norm", "restarts"):
        for inverter in tried(LatentOptimizer, G, PRIOR, "mse", **{name: value}):
            for inversion in tried(inverter.invert, X, steps=1):
                assert np.isfinite(inversion.z).all()


@given(MODELS, PRIORS, MODELS)
def test_models(generator, prior, encoder):
    for kind in (LatentOptimizer, LevenbergMarquardt):
        for inverter in tried(kind, generator, prior):
            assert inverter.prior.dim == 4
    for _ in tried(EncoderInverter, encoder, generator):
        assert (encoder, generator) == (E, G)
    for inverter in tried(HybridInverter, encoder, DESCENT):
        holds(inverter.invert(X, steps=1), X)


@given(numbers(), numbers(), st.one_of(PRIORS, objects()))
def test_constraints(a, b, prior):
    for kind, arguments in {
        constraints.HardCutoff: (a,), constraints.LogisticCutoff: (a, b), constraints.TruncatedNormalCutoff: (a,),
        constraints.Clip: (prior,), constraints.StochasticClip: (prior,), constraints.MomentPenalty: (prior, a, b),
    }.items():  # fmt: skip
        for made in tried(kind, *arguments):
            assert repr(made).startswith(kind.__name__)
    for optimizer in tried(default_optimizer, a):
        assert isinstance(optimizer, keras.optimizers.Adam)


@given(st.dictionaries(st.sampled_from(["z", "images", "loss", "steps_taken", "seconds", "history/step", "history/loss",
                                        "more"]), anything(Z), max_size=9))  # fmt: skip
def test_files_that_are_no_inversion(tmp_path_factory, arrays):
    path = tmp_path_factory.mktemp("odd") / "a.npz"
    good = DESCENT.invert(X, steps=1)
    good.save(path)
    with np.load(path) as file:
        known = {key: file[key] for key in file.files}
    try:
        np.savez(path, **known | {key: np.asarray(value) for key, value in arrays.items()})
    except Exception:  # NumPy cannot write it: then nobody can read it
        pytest.skip("no file")
    for found in tried(Inversion.load, path):
        assert found.z.shape == (3, 4) and np.isfinite(found.z).all()
