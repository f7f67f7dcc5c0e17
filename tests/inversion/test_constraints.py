import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import (
    Clip,
    HardCutoff,
    LogisticCutoff,
    MomentPenalty,
    SharedDraw,
    SideBySide,
    StochasticClip,
    TruncatedNormalCutoff,
)
from ganinv_keras.networks.priors import Normal, Uniform


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


def hazard_at(criterion, z, steps):
    return float(criterion.hazard(np.float32([z]), steps)[0])


@pytest.mark.parametrize(
    ("criterion", "points"),
    [
        (HardCutoff(2.5), {0: 0, 2.4: 0, 2.6: 1}),
        (HardCutoff(np.inf), {0: 0, 100: 0}),
        (LogisticCutoff(2, 2), {0: 1 / (1 + math.e**4), 2: 0.5, 3: 1 / (1 + math.e**-2)}),
        (LogisticCutoff(4, 3), {3: 0.5, 2: 1 / (1 + math.e**4)}),
        (TruncatedNormalCutoff(2.5), {0: math.exp(-3.125), 1.5: math.exp(-2), 2.5: 1, 4: 1}),
        (StochasticClip(Uniform(1)), {0: 0, 0.99: 0, 1.01: 1}),
    ],
)
def test_probabilities_at_hand_computed_points(criterion, points):
    z = np.float32(list(points))
    assert np.allclose(criterion.probability(z), list(points.values()), atol=1e-6)
    assert np.array_equal(criterion.probability(z), criterion.probability(-z))


def test_the_truncated_normal_is_continuous_at_a():
    below, above = (float(TruncatedNormalCutoff(3).probability(np.float32([z]))[0]) for z in (2.9999, 3.0001))
    assert 1 - below < 1e-3 and above == 1


def test_the_hazard_by_hand():
    cutoff = LogisticCutoff(2, 2)  # ½ at 2
    assert hazard_at(cutoff, 2, 1) == pytest.approx(0.5, rel=1e-6)
    assert hazard_at(cutoff, 2, 2) == pytest.approx(1 - 0.5**0.5, rel=1e-6)
    assert hazard_at(cutoff, 2, 5000) == pytest.approx(math.log(2) / 5000, rel=1e-3)


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_the_hazard_of_all_steps_together_is_the_probability(probability):
    z = np.full((4000, 5), 2 + math.log(probability / (1 - probability)) / 2, "float32")  # held there by LogisticCutoff
    criterion, seed, moved = LogisticCutoff(2, 2), keras.random.SeedGenerator(0), np.zeros(z.shape, bool)
    assert np.allclose(criterion.probability(z), probability, atol=1e-5)
    for _ in range(50):
        moved |= np.asarray(criterion(z, 50, seed)) != z
    assert moved.mean() == pytest.approx(probability, abs=0.012)  # 3.4 standard deviations


def test_the_hazard_survives_a_probability_that_rounds_to_one():
    # 1 - P = 2.3e-18 here, which float32 cannot hold beside 1: taken literally the hazard would be 1, not 0.8 %.
    assert hazard_at(LogisticCutoff(4, 2), 12.15, 5000) == pytest.approx(4 * 10.15 / 5000, rel=0.01)


def test_redrawn_elements_come_from_the_prior_and_the_others_stay():
    z = np.full((2000, 10), 9.0, "float32")
    z[:, ::2] = 0.5
    moved = np.asarray(HardCutoff(3)(z, 100, keras.random.SeedGenerator(0)))
    assert np.array_equal(moved[:, ::2], z[:, ::2])
    assert moved[:, 1::2].mean() == pytest.approx(0, abs=0.04) and moved[:, 1::2].std() == pytest.approx(1, abs=0.03)
    inside = np.asarray(StochasticClip(Uniform(10))(z, 100, keras.random.SeedGenerator(0)))
    assert np.array_equal(inside[:, ::2], z[:, ::2]) and np.abs(inside).max() <= 1
    assert inside[:, 1::2].std() == pytest.approx(1 / 3**0.5, abs=0.02)


def test_a_shared_draw_is_one_number_for_each_z():
    moved = np.asarray(SharedDraw(HardCutoff(1))(np.full((3, 6), 5.0, "float32"), 10, keras.random.SeedGenerator(0)))
    assert (moved == moved[:, :1]).all() and len(np.unique(moved)) == 3


def test_side_by_side_applies_each_constraint_to_its_part():
    z = np.full((6, 4), 2.0, "float32")
    moved = np.asarray(SideBySide((None, Clip(Uniform(4)), HardCutoff(1)))(z, 10, keras.random.SeedGenerator(0)))
    assert (moved[:2] == 2).all() and (moved[2:4] == 1).all() and (moved[4:] != 2).all()


def test_a_criterion_of_another_prior_is_refused(linear_generator):
    for constraint in (LogisticCutoff(2, 2), SideBySide((None, HardCutoff(2))), StochasticClip(Uniform(4, 0.0, 1.0))):
        with pytest.raises(ValueError, match="does not redraw from Uniform"):
            LatentOptimizer(linear_generator, Uniform(4), constraint=constraint)


@pytest.mark.parametrize("reset", [True, False])
def test_the_moments_of_redrawn_elements_are_reset(linear_generator, reset):
    inverter = LatentOptimizer(linear_generator, Normal(4), "mse", HardCutoff(1.0), reset_moments=reset)
    start = np.float32([[3.0, 0.1, -0.1, 0.2]])  # the first element is redrawn after the first step, no other
    inverter.invert(np.full((1, 8, 8, 1), 0.5, "float32"), 1, keras.optimizers.Adam(0.01), start)
    (descent,) = inverter._idle[1]
    m = next(v for v in descent.moments if "momentum" in v.path).numpy()[0]
    assert (m[0] == 0) == reset and (m[1:] != 0).all()
    assert descent.read("z")[0, 0] != pytest.approx(2.99, abs=1e-3)


@pytest.mark.parametrize("kind", [Clip, StochasticClip])
def test_clipping_needs_the_interval_of_a_uniform_prior(kind):
    for prior in (Normal(4), Uniform, None, (-1, 1)):
        with pytest.raises(ValueError, match=f"^{kind.__name__} needs a Uniform prior, whose interval it is, got "):
            kind(prior)
