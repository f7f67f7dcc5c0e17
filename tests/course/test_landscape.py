import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from keras import layers

from ganinv_keras.course import landscape
from ganinv_keras.inversion import LatentOptimizer, LevenbergMarquardt
from ganinv_keras.inversion.constraints import Clip
from ganinv_keras.networks.priors import Uniform

PRIOR = Uniform(2)
SLOPES = np.array([[0.1, 0.2, 0.0, 0.1], [0.0, -0.1, 0.2, 0.1]], "float32")  # of four pixels along z₁ and z₂
STARTS = np.array([[-0.8, 0.6], [0.9, -0.5], [0.0, 0.9]], "float32")


@pytest.fixture
def generator():
    """G(z) = ½ + z A, images of 2×2: the loss of G(z₀) is the quadratic form mean(((z - z₀) A)²)."""
    z = keras.Input((2,))
    dense = layers.Dense(4)
    model = keras.Model(z, layers.Reshape((2, 2, 1))(dense(z)))
    dense.set_weights([SLOPES, np.full(4, 0.5, "float32")])
    return model


@pytest.fixture
def bent():
    """A generator whose images bend over z, so that the loss is no bowl."""
    z = keras.Input((2,))
    h = layers.Dense(8, activation="tanh", kernel_initializer=keras.initializers.RandomNormal(stddev=3.0, seed=4))(z)
    h = layers.Dense(9, activation="sigmoid", kernel_initializer=keras.initializers.RandomNormal(seed=5))(h)
    return keras.Model(z, layers.Reshape((3, 3, 1))(h))


def drawn(generator, *z):
    return np.asarray(generator(np.array([z], "float32"), training=False))


def test_the_surface_is_the_loss_by_hand(generator):
    ground = landscape.surface(generator, drawn(generator, 0.2, -0.4), n=5, reach=2.0)
    assert ground.axis.tolist() == [-2, -1, 0, 1, 2] and ground.loss.shape == (5, 5)
    for i, j in [(0, 0), (4, 1), (2, 3), (1, 4)]:
        error = np.array([ground.axis[j] - 0.2, ground.axis[i] + 0.4]) @ SLOPES
        assert ground.loss[i, j] == pytest.approx(np.mean(error**2), abs=1e-7)


def test_the_surface_is_the_loss_that_an_inverter_reports(bent):
    x = drawn(bent, 0.3, 0.3)
    ground = landscape.surface(bent, x, n=4)
    z = landscape.lattice(4)
    images = np.repeat(x, 16, axis=0)
    lost = LatentOptimizer(bent, PRIOR, loss="mse").invert(images, steps=1, initial_z=z, batch_size=16).history["loss"]
    assert np.allclose(ground.loss.ravel(), lost[0], atol=1e-6) and np.ptp(lost[0]) > 1e-3


@pytest.mark.parametrize(("i", "j"), [(0, 0), (3, 12), (17, 5), (20, 20)])
def test_a_planted_image_lies_at_the_bottom(bent, i, j):
    axis = np.linspace(-1, 1, 21, dtype="float32")
    z, loss = landscape.surface(bent, drawn(bent, axis[j], axis[i]), n=21).lowest()
    assert z.tolist() == [axis[j], axis[i]] and loss < 1e-10


def test_the_surface_is_the_same_in_one_batch_and_in_many(bent):
    x = drawn(bent, 0.3, 0.3)
    fine, coarse = landscape.surface(bent, x, n=41), landscape.surface(bent, x, n=11)
    assert fine.loss.size > 1000 > coarse.loss.size
    assert np.allclose(fine.loss[::4, ::4], coarse.loss, atol=1e-7)


def test_the_atlas_has_z1_to_the_right_and_z2_upwards(generator):
    atlas = landscape.atlas(generator, n=3, reach=2.0)
    assert atlas.shape == (3, 3, 2, 2, 1)
    for (row, column), z in {(0, 0): (-2, 2), (0, 2): (2, 2), (2, 0): (-2, -2), (1, 2): (2, 0)}.items():
        assert np.allclose(atlas[row, column], drawn(generator, *z)[0], atol=1e-6)


def test_a_trail_goes_from_its_start_to_where_the_inverter_ends(bent):
    x = drawn(bent, 0.3, 0.3)
    inverter = LatentOptimizer(bent, PRIOR, loss="mse")
    options = {"steps": 20, "optimizer": keras.optimizers.SGD(2.0)}
    ways = landscape.trails(inverter, x, STARTS, **options)
    found = inverter.invert(np.repeat(x, 3, axis=0), initial_z=STARTS, **options)
    assert ways.step.tolist() == list(range(21))
    assert ways.z.shape == (21, 3, 2) and ways.images.shape == (21, 3, 3, 3, 1)
    assert np.array_equal(ways.z[0], STARTS) and np.allclose(ways.z[-1], found.z, atol=1e-6)
    assert np.allclose(ways.images[-1], found.images, atol=1e-6)
    assert np.allclose(ways.loss[0], found.history["loss"][0], atol=1e-6)
    assert np.all(np.diff(ways.loss, axis=0) <= 0) and np.all(ways.loss[-1] < ways.loss[0])


def test_the_first_step_of_a_trail_is_downhill_by_hand(generator):
    x, start, rate = drawn(generator, 0.2, -0.4), STARTS[:1], 3.0
    inverter = LatentOptimizer(generator, PRIOR, loss="mse")
    ways = landscape.trails(inverter, x, start, steps=1, optimizer=keras.optimizers.SGD(rate))
    gradient = 2 / 4 * (start - [0.2, -0.4]) @ SLOPES @ SLOPES.T
    assert np.allclose(ways.z[1], start - rate * gradient, atol=1e-6)


def test_a_clipped_trail_stays_in_the_square_that_a_free_one_leaves(generator):
    x = drawn(generator, 1.5, 0.2)
    free, clipped = (
        landscape.trails(LatentOptimizer(generator, PRIOR, loss="mse", constraint=constraint), x, STARTS[:1],
                         steps=200, optimizer=keras.optimizers.SGD(10.0))
        for constraint in (None, Clip(PRIOR))
    )  # fmt: skip
    assert np.allclose(free.z[-1, 0], [1.5, 0.2], atol=1e-3)
    # with z₁ held at 1, z₂ balances the rest: the least-squares solution along the border
    a, b = SLOPES
    assert np.abs(clipped.z).max() == 1 and np.allclose(clipped.z[-1, 0], [1, 0.2 + 0.5 * (a @ b) / (b @ b)], atol=1e-3)


def test_levenberg_marquardt_needs_one_step_where_g_is_linear(generator):
    ways = landscape.trails(LevenbergMarquardt(generator, PRIOR), drawn(generator, 0.2, -0.4), STARTS, restarts=1)
    assert np.allclose(ways.z[1], [0.2, -0.4], atol=1e-3) and np.allclose(ways.z[-1], [0.2, -0.4], atol=1e-5)


def test_trails_beside_each_other_wait_for_the_longer(generator):
    x, inverter = drawn(generator, 0.2, -0.4), LatentOptimizer(generator, PRIOR, loss="mse")
    short, long = (landscape.trails(inverter, x, STARTS[:n], steps=steps) for n, steps in ((1, 3), (2, 7)))
    for ways, columns in ((landscape.beside(short, long), (0, slice(1, 3))),
                          (landscape.beside(long, short), (2, slice(0, 2)))):  # fmt: skip
        assert ways.step.tolist() == list(range(8)) and ways.z.shape == (8, 3, 2) and ways.loss.shape == (8, 3)
        assert np.array_equal(ways.z[:4, columns[0]], short.z[:, 0])
        assert np.array_equal(ways.z[7, columns[0]], short.z[-1, 0])
        assert np.array_equal(ways.images[:, columns[1]], long.images)


def test_the_film_ends_where_the_trails_end(generator):
    x = drawn(generator, 0.2, -0.4)
    ways = landscape.trails(LatentOptimizer(generator, PRIOR, loss="mse"), x, STARTS, steps=30)
    ground = landscape.surface(generator, x, n=11)
    film = landscape.film(x, ground, ways, names=["a", "b", "c"], frames=5)
    film._func(0)
    land, *cells = (axes for part in film._fig.subfigs for axes in part.axes)
    assert land.get_title() == "step 0"
    assert len(list(film.new_frame_seq())) == 5
    film._func(4)
    assert land.get_title() == "step 30"
    assert cells[0].get_title() == "the image" and cells[3].get_title() == f"c: {ways.loss[-1, 2]:.4f}"
    lines = [line for line in land.lines if len(line.get_xdata()) == 31]
    assert np.allclose([line.get_xydata()[-1] for line in lines], ways.z[-1])
    assert np.array_equal(cells[2].images[0].get_array(), ways.images[-1, 1, ..., 0])
    film._draw_was_started = True  # nothing is shown here
    plt.close(film._fig)


@pytest.mark.parametrize("n", [2, 0])
def test_a_landscape_belongs_to_one_image(generator, n):
    images = np.repeat(drawn(generator, 0.2, -0.4), n, axis=0)
    with pytest.raises(ValueError, match="one image, got 2|is empty"):
        landscape.surface(generator, images)
    with pytest.raises(ValueError, match="one image, got 2|is empty"):
        landscape.trails(LatentOptimizer(generator, PRIOR, loss="mse"), images, STARTS)


def test_a_lattice_needs_a_whole_number():
    assert landscape.lattice(2, reach=3.0).tolist() == [[-3, -3], [3, -3], [-3, 3], [3, 3]]
    with pytest.raises(ValueError, match="`n`. Expected a whole number"):
        landscape.lattice(0)
