"""The arithmetic of the loop, each by a case in which another arithmetic would show."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import HardCutoff, Resampling
from ganinv_keras.networks.priors import Normal, Uniform

pytestmark = pytest.mark.filterwarnings("ignore:The generator must make images")  # here it makes anything
SGD = keras.optimizers.SGD


@pytest.fixture
def pixels():
    """A generator whose four pixels are the elements of z."""
    z = keras.Input((4,))
    return keras.Model(z, layers.Reshape((2, 2, 1))(z))


def image(*values):
    return np.float32(values).reshape(-1, 2, 2, 1)


def test_an_element_without_a_finite_gradient_stays_and_the_others_go_on():
    z = keras.Input((4,))
    generator = keras.Model(z, layers.Reshape((2, 2, 1))(ops.sqrt(z)))  # at 0 its derivative is infinite
    start = np.float32([[0.0, 0.25, 0.25, 0.25]])
    found = LatentOptimizer(generator, Uniform(4, 0.0, 1.0), "mse").invert(
        image(0.9, 0.8, 0.8, 0.8), 50, SGD(0.1), start
    )
    assert found.z[0, 0] == 0 and np.all(found.z[0, 1:] > 0.3) and found.loss[0] < found.history["loss"][0, 0]


def test_history_and_steps_are_those_of_the_restart_that_is_kept(pixels):
    x = image([0.5] * 4, [0.25] * 4)
    there, far = [0.5] * 4, [0.9] * 4
    starts = np.float32([[there, far], [far, [0.25] * 4]])
    inverter = LatentOptimizer(pixels, Uniform(4), "mse", restarts=2)
    found = inverter.invert(x, 400, SGD(0.1), starts, tolerance=1e-12)
    assert np.array_equal(found.history["loss"], np.zeros_like(found.history["loss"]))
    assert np.array_equal(found.steps_taken, [1, 1])  # the other starts need many


def test_the_penalty_counts_for_every_image_of_the_batch(pixels):
    z = np.float32([[0.5] * 4, [0.1] * 4, [0.3] * 4])
    inverter = LatentOptimizer(pixels, Uniform(4), "mse", penalty=lambda z: ops.mean(ops.square(z)))
    found = inverter.invert(np.zeros((3, 2, 2, 1), "float32"), 1, SGD(0.1), z)
    # Of an image: the mean of 4 squares, whose gradient is z / 2. Of the penalty, for each of 3 images: z / 6.
    assert np.allclose(found.z, z - 0.1 * (z / 2 + 3 * z / 6), atol=1e-6)


class Clock(Resampling):
    """Put z where the number of steps that it was told says."""

    def __call__(self, z, steps, seed):
        return ops.zeros_like(z) + ops.cast(steps, "float32") / 100


def test_a_criterion_is_told_how_many_steps_the_whole_run_has(pixels):
    inverter = LatentOptimizer(pixels, Normal(4), lambda x, x_hat: -ops.mean(x_hat, axis=(1, 2, 3)), Clock())
    for steps in (7, 20):
        found = inverter.invert(image([0.5] * 4), steps, SGD(0.0), np.zeros((1, 4)))
        assert np.allclose(found.z, steps / 100)


def test_what_is_redrawn_depends_on_the_seed(pixels):
    inverter = LatentOptimizer(pixels, Normal(4), lambda x, x_hat: -ops.mean(x_hat, axis=(1, 2, 3)), HardCutoff(0.1))
    runs = [inverter.invert(image([0.5] * 4), 9, SGD(0.0), np.full((1, 4), -1.0), seed=s).z for s in (0, 0, 1)]
    assert np.array_equal(runs[0], runs[1]) and not np.array_equal(runs[0], runs[2])
    assert len(np.unique(runs[0])) == 4


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"loss": keras.losses.MeanSquaredError()}, r"must return a number for each image, a tensor of shape \(2,\)"),
        ({"loss": lambda x, x_hat: ops.square(x - x_hat)}, r"of shape \(2,\), got one of shape \(2, 2, 2, 1\)"),
        ({"loss": lambda x, x_hat: None}, r"of shape \(2,\), got None"),
        ({"loss": lambda x, x_hat: ops.mean(x, axis=(1, 2, 3))}, "loss must depend on z by operations that TensorFlow"),
        (
            {"penalty": lambda z: ops.mean(z, axis=1)},
            r"a number for the batch, a tensor of shape \(\), got one of shape",
        ),
        ({"constraint": lambda z: z[:, :2]}, r"a new z, a tensor of shape \(2, 4\), got one of shape \(2, 2\)"),
        ({"loss": lambda x, x_hat: np.mean(x - x_hat, axis=(1, 2, 3))}, "write them with keras.ops, not with NumPy"),
        ({"constraint": lambda z: np.clip(z, -1, 1)}, "write them with keras.ops, not with NumPy"),
    ],
)
def test_a_function_of_another_form_is_refused(pixels, settings, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        LatentOptimizer(pixels, Uniform(4), **settings).invert(np.zeros((2, 2, 2, 1), "float32"), 1)
