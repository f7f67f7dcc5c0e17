import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import kstest

from ganinv_keras.draws import RowSeeds, uniform
from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import LogisticCutoff, StochasticClip
from ganinv_keras.networks.priors import Normal, Uniform


def test_they_are_uniform_and_never_the_same_twice():
    seed = keras.random.SeedGenerator(0)
    first, second = (uniform(np.zeros((5000, 3)), seed).numpy() for _ in range(2))
    assert first.dtype == np.float32 and (np.float64(first) * 2**24 % 2 == 1).all()  # so that ½ is in the middle
    assert first.min() > 0 and first.max() < 1
    assert len(np.unique(np.concatenate([first, second]))) > 29_900
    assert min(kstest(numbers.ravel(), "uniform").pvalue for numbers in (first, second)) > 0.01
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.03


def test_they_are_not_those_that_the_starts_were_drawn_with():
    starts, z = Uniform(4, 0.0, 1.0).sample(9, seed=3), np.zeros((9, 4))
    assert np.allclose(uniform(z, keras.random.SeedGenerator(3)), starts, atol=1e-6)
    seeds = RowSeeds()
    seeds.begin(3, 0)
    assert np.abs(uniform(z, seeds) - starts).max() > 0.1


@pytest.mark.parametrize(("d", "jit_compile"), [(1, False), (4, False), (7, False), (7, True)])
def test_a_row_gets_the_same_numbers_in_every_batch(d, jit_compile):
    seeds = RowSeeds()
    draw = tf.function(lambda z: tf.stack([uniform(z, seeds), uniform(z, seeds)]), jit_compile=jit_compile)
    seeds.begin(3, 0)
    whole = draw(tf.zeros((9, d)))
    for first, rows in ((0, 2), (4, 5)):
        seeds.begin(3, first)
        assert np.array_equal(draw(tf.zeros((rows, d))), whole[:, first : first + rows])
    seeds.begin(4, 0)
    assert not np.array_equal(draw(tf.zeros((9, d))), whole)


@pytest.mark.parametrize(
    ("prior", "constraint"),
    [(Uniform(4, -0.2, 0.2), StochasticClip(Uniform(4, -0.2, 0.2))), (Normal(4), LogisticCutoff(4, 0.3))],
)
@pytest.mark.parametrize("restarts", [1, 2])
def test_an_image_is_redrawn_alike_whatever_the_batch_size(linear_generator, prior, constraint, restarts):
    images = np.asarray(linear_generator(Uniform(4).sample(7, seed=3)))
    inverter = LatentOptimizer(linear_generator, prior, "mse", constraint, restarts=restarts)
    optimizer = keras.optimizers.SGD(2.0)
    whole, parts = (inverter.invert(images, 15, optimizer, batch_size=size) for size in (100, 4))
    assert np.allclose(whole.z, parts.z, atol=1e-5)
    plain = LatentOptimizer(linear_generator, prior, "mse", restarts=restarts).invert(images, 15, optimizer)
    assert np.abs(whole.z - plain.z).max() > 0.01
