import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras.constraints import Clip, MomentPenalty
from ganinv_keras.priors import Normal, Uniform


def test_clip():
    z = np.array([[-3.0, -0.5], [0.9, 1.1]], "float32")
    assert np.allclose(Clip(Uniform(2))(z), [[-1.0, -0.5], [0.9, 1.0]])


def test_moment_penalty_by_hand():
    z = np.array([[1.0, 3.0], [5.0, 7.0]], "float32")  # mean 4, variance (9 + 1 + 1 + 9) / 4 = 5
    expected = 2 * (0 - 4) ** 2 + 3 * (1 - 5**0.5) ** 2
    assert float(MomentPenalty(Normal(2), 2.0, 3.0)(z)) == pytest.approx(expected, rel=1e-6)


def test_moment_penalty_gradient_against_finite_differences():
    penalty = MomentPenalty(Uniform(3))
    z = tf.constant(np.random.default_rng(0).normal(size=(4, 3)), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = penalty(z)
    gradient = tape.gradient(value, z).numpy()
    step = np.zeros((4, 3))
    step[2, 1] = 1e-5
    difference = (penalty(z + step) - penalty(z - step)) / 2e-5
    assert gradient[2, 1] == pytest.approx(float(difference), rel=1e-6)
