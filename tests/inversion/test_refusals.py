"""What `LatentOptimizer` cannot invert, it says in words."""

import keras
import numpy as np
import pytest
from keras import layers

from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import MomentPenalty
from ganinv_keras.networks.priors import Uniform


def test_what_cannot_be_inverted_is_refused_in_words(linear_generator, prior, planted):
    with pytest.raises(ValueError, match=r"dim=5.* draws latents of dimension 5, but the generator takes \(4,\)"):
        LatentOptimizer(linear_generator, Uniform(5))
    three = [keras.Input((size,), name=name) for size, name in ((4, "z"), (9, "label"), (1, "noise"))]
    conditional = keras.Model(three, layers.Reshape((7, 2, 1))(layers.Concatenate()(three)))
    with pytest.raises(ValueError, match="must have z and at most a label as inputs, got 3: z, label, noise"):
        LatentOptimizer(conditional, prior)
    with pytest.raises(ValueError, match="Did you mean 'inference'?"):
        LatentOptimizer(linear_generator, prior, batch_norm="inferense")
    with pytest.raises(ValueError, match="argument `restarts`"):
        LatentOptimizer(linear_generator, prior, restarts=0)
    inverter = LatentOptimizer(linear_generator, prior)
    with pytest.raises(ValueError, match="argument `steps`. Expected a whole number ≥ 1. Received: 0"):
        inverter.invert(planted[1], steps=0)
    with pytest.raises(ValueError, match="divide by 255"):
        inverter.invert(planted[1] * 255)
    for option, value in {"batch_size": 0, "tolerance": np.nan, "seed": -1, "callbacks": print}.items():
        with pytest.raises(ValueError, match=f"argument `{option}`"):
            inverter.invert(planted[1], **{option: value})
    for option, value in {
        "constraint": "clip",
        "penalty": MomentPenalty,
        "loss": keras.losses.MeanSquaredError,
    }.items():
        with pytest.raises(ValueError, match=f"argument `{option}`. Expected a function"):
            LatentOptimizer(linear_generator, prior, **{option: value})


def test_a_start_that_is_none_is_refused_in_words(linear_generator, prior, planted):
    start = np.zeros((7, 4), "float32")
    for value in (np.nan, np.inf, -1e30):
        start[2, 1] = start[5, 0] = value
        with pytest.raises(ValueError, match="initial_z must be finite .* at most 1,000,000 .* is not in row 2, 5:"):
            LatentOptimizer(linear_generator, prior).invert(planted[1], initial_z=start)
    with pytest.raises(ValueError, match=r"initial_z must have the shape \(7, 4\), got \(6, 4\)"):
        LatentOptimizer(linear_generator, prior).invert(planted[1], initial_z=start[1:])
    with pytest.raises(ValueError, match=r"initial_z must have the shape \(7, 2, 4\), got \(7, 4\)"):
        LatentOptimizer(linear_generator, prior, restarts=2).invert(planted[1], initial_z=start)


def test_a_generator_with_broken_weights_is_refused_at_every_call(linear_generator, prior, planted):
    inverter = LatentOptimizer(linear_generator, prior)
    inverter.invert(planted[1], steps=1)
    kernel, bias = linear_generator.get_weights()
    bias[3] = np.nan
    linear_generator.set_weights([kernel, bias])
    with pytest.raises(ValueError, match="The generator has NaN or infinity in its weights .*bias. Its training"):
        inverter.invert(planted[1], steps=1)


def test_a_generator_that_leaves_0_and_1_is_warned_of_once(linear_generator, prior, planted, recwarn):
    z = keras.Input((4,))
    slightly = keras.Model(z, layers.Rescaling(1.02, -0.01)(linear_generator(z)))
    LatentOptimizer(slightly, prior).invert(planted[1], steps=1)
    assert not recwarn.list
    with pytest.warns(
        UserWarning, match=r"must make images in \[0, 1\], [^!]*Rescaling\(0.5, 0.5\) after a tanh"
    ) as caught:
        inverter = LatentOptimizer(keras.Model(z, layers.Rescaling(2.0, -1.0)(linear_generator(z))), prior)
        inverter.invert(planted[1], steps=1)
    assert len(caught) == 1 and caught[0].filename == __file__
