import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from ganinv_keras.inversion.levenberg_marquardt import LevenbergMarquardt
from ganinv_keras.inversion.normal_equations import damped_step
from ganinv_keras.networks.priors import Normal, Uniform


@pytest.fixture(scope="module")
def small_dcgan():
    """A random DCGAN from 8 elements to 16×16×1, as irregular as a trained one."""
    keras.utils.set_random_seed(1)
    z = keras.Input((8,))
    h = layers.ReLU()(layers.Dense(4 * 4 * 16, kernel_initializer="he_normal")(z))
    h = layers.Reshape((4, 4, 16))(h)
    h = layers.ReLU()(layers.BatchNormalization()(layers.Conv2DTranspose(8, 4, 2, "same")(h)))
    return keras.Model(z, layers.Conv2DTranspose(1, 4, 2, "same", activation="sigmoid")(h))


@pytest.fixture(scope="module")
def planted(small_dcgan):
    z = np.asarray(Normal(8).sample(7, seed=3))
    return z, np.asarray(small_dcgan(z, training=False))


def test_a_planted_z_is_recovered_to_every_digit(small_dcgan, planted):
    z, images = planted
    inversion = LevenbergMarquardt(small_dcgan, Normal(8)).invert(images)
    assert np.mean(np.square(inversion.z - z), axis=1).max() < 1e-10
    assert np.allclose(inversion.images, images, atol=1e-5) and inversion.loss.max() < 1e-12
    falling = np.diff(inversion.history["loss"], axis=0)
    assert (falling <= 0).all() and inversion.history["loss"].shape == (inversion.steps_taken.max(), 7)


def test_a_batch_of_images_is_the_images_one_by_one(small_dcgan, planted):
    z, images = planted
    inverter = LevenbergMarquardt(small_dcgan, Normal(8))
    start = z + 0.1
    whole = inverter.invert(images, restarts=1, initial_z=start)
    for i in range(len(z)):
        alone = inverter.invert(images[i : i + 1], restarts=1, initial_z=start[i : i + 1])
        assert np.allclose(alone.z[0], whole.z[i], atol=1e-5)
        assert alone.steps_taken[0] == whole.steps_taken[i]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_n_in_n_out_whatever_the_batch_size(small_dcgan, planted, batch_size):
    z, images = planted
    seen = []
    inversion = LevenbergMarquardt(small_dcgan, Normal(8)).invert(
        images, batch_size=batch_size, callbacks=[lambda step, z, images, loss: seen.append(loss.copy())]
    )
    assert inversion.z.shape == (7, 8) and inversion.images.shape == images.shape and inversion.steps_taken.min() > 0
    assert np.array_equal(seen[-1], inversion.loss) and np.isinf(seen[0]).sum() == max(0, 7 - batch_size)
    assert np.mean(np.square(inversion.z - z), axis=1).max() < 1e-10


def test_a_start_that_fails_is_followed_by_another(small_dcgan, planted):
    _, images = planted
    far = np.full((7, 8), 1e4, "float32")  # where the sigmoid is flat
    lost = LevenbergMarquardt(small_dcgan, Normal(8)).invert(images, restarts=1, initial_z=far)
    assert lost.loss.min() > 1e-6
    found = LevenbergMarquardt(small_dcgan, Normal(8)).invert(images, initial_z=far)
    assert found.loss.max() < 1e-12 and (found.steps_taken > lost.steps_taken).all()


def test_a_nan_is_never_kept():
    z = keras.Input((4,))
    generator = keras.Model(z, layers.Reshape((4, 4, 1))(keras.ops.sqrt(layers.Dense(16, use_bias=False)(z) + 0.5)))
    start, images = np.full((3, 4), 5.0, "float32"), np.full((3, 4, 4, 1), 0.5**0.5, "float32")
    start[1] = 0.1
    assert np.isnan(generator(start)).any((1, 2, 3)).tolist() == [True, False, True]
    with pytest.warns(UserWarning, match="No finite loss was found for image 0, 2 of 3"):
        lost = LevenbergMarquardt(generator, Normal(4)).invert(images, restarts=1, initial_z=start)
    assert np.isinf(lost.loss[[0, 2]]).all() and np.array_equal(lost.z[[0, 2]], start[[0, 2]])
    assert np.array_equal(lost.images[[0, 2]], np.asarray(generator(start))[[0, 2]], equal_nan=True)
    found = LevenbergMarquardt(generator, Uniform(4, -0.2, 0.2)).invert(images, restarts=2, initial_z=start)
    assert np.isfinite(found.z).all() and found.loss.max() < 1e-12


def in_half_precision(model):
    half = keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(layer.get_config() | {"dtype": "bfloat16"})
    )
    half.set_weights(model.get_weights())
    return half


def test_the_generator_computes_in_float32_whatever_its_policy(small_dcgan, planted):
    z, images = planted
    half = in_half_precision(small_dcgan)
    inner = keras.Input((8,))
    for generator in (half, keras.Model(inner, half(inner))):
        exact = np.asarray(LevenbergMarquardt(generator, Normal(8))._prepare()[0](z))
        assert exact.dtype == np.float32 and np.abs(exact - images).max() < 0.02  # the weights were rounded once
        assert np.abs(exact - np.asarray(half(z), "float32")).max() > 1e-4


def test_what_it_cannot_invert_goes_to_the_latent_optimizer():
    z = keras.Input((4,))
    tiny = keras.Model(z, layers.Reshape((1, 3, 1))(layers.Dense(3, "sigmoid")(z)))
    cut = keras.Model(z, layers.Reshape((4, 4, 1))(keras.ops.stop_gradient(layers.Dense(16, "sigmoid")(z))))
    with pytest.warns(UserWarning, match="its images have 3 values, fewer than the 4 elements of z"):
        inversion = LevenbergMarquardt(tiny, Normal(4)).invert(np.full((2, 1, 3, 1), 0.5, "float32"))
    assert inversion.loss.max() < 1e-3
    assert LevenbergMarquardt(cut, Normal(4)).obstacle == "its output is not differentiable by z"


def test_bad_input_is_refused(small_dcgan, planted):
    inverter = LevenbergMarquardt(small_dcgan, Normal(8))
    with pytest.raises(ValueError, match="divide by 255"):
        inverter.invert(planted[1] * 255)
    with pytest.raises(ValueError, match=r"initial_z must have the shape \(7, 8\), got \(3, 8\)"):
        inverter.invert(planted[1], initial_z=np.zeros((3, 8)))
    for name in ("steps", "restarts", "batch_size"):
        with pytest.raises(ValueError, match=f"argument `{name}`. Expected a whole number ≥ 1"):
            inverter.invert(planted[1], **{name: 0})
    with pytest.raises(ValueError, match="argument `seed`"):
        inverter.invert(planted[1], seed="one")
    with pytest.raises(ValueError, match="argument `callbacks`"):
        inverter.invert(planted[1], callbacks=print)
    with pytest.raises(ValueError, match="initial_z must be finite and at most 1,000,000 in size, but is not in row 0"):
        inverter.invert(planted[1], initial_z=np.full((7, 8), 1e30))
    broken = keras.models.clone_model(small_dcgan)
    broken.set_weights([np.full_like(weight, np.inf) for weight in small_dcgan.get_weights()])
    with pytest.raises(ValueError, match="The generator has NaN or infinity in its weights"):
        LevenbergMarquardt(broken, Normal(8)).invert(planted[1])


@pytest.mark.parametrize("tolerance", [np.nan, -1, np.inf, None, "1e-12"])
def test_a_tolerance_that_is_no_number_from_0_on_is_refused(small_dcgan, tolerance):
    with pytest.raises(ValueError, match="argument `tolerance`. Expected a finite number ≥ 0"):
        LevenbergMarquardt(small_dcgan, Normal(8), tolerance)
    inverter = LevenbergMarquardt(small_dcgan, Normal(8), 0)
    inverter.tolerance = tolerance
    with pytest.raises(ValueError, match="argument `tolerance`. Expected a finite number ≥ 0"):
        inverter.invert(np.zeros((1, 16, 16, 1), "float32"))


def test_the_best_start_is_kept_not_the_last(small_dcgan, planted):
    z, images = planted
    near = z + 0.01
    alone = LevenbergMarquardt(small_dcgan, Normal(8), 0).invert(images, steps=1, restarts=1, initial_z=near)
    found = LevenbergMarquardt(small_dcgan, Normal(8), 0).invert(images, steps=1, restarts=3, initial_z=near)
    assert (found.steps_taken == 3).all() and (alone.loss < 1e-3).all()
    for name in ("z", "images", "loss"):
        assert np.array_equal(getattr(found, name), getattr(alone, name))
    assert np.array_equal(found.history["loss"], np.repeat(alone.loss[None], 3, axis=0))


def test_a_start_is_given_up_when_the_gradient_vanishes():
    z = keras.Input((4,))
    h = layers.Dense(64, "sigmoid", kernel_initializer=keras.initializers.RandomNormal(0.0, 2.0, seed=3))(z)
    generator = keras.Model(z, layers.Reshape((8, 8, 1))(h))
    x = np.random.default_rng(0).uniform(size=(1, 8, 8, 1)).astype("float32")  # no z draws it
    start = state = np.asarray(Normal(4).sample(1, seed=0))
    damping, cosines = np.float32([1e-3]), [1.0]
    while cosines[-1] >= 1e-4:
        state, _, _, damping, cosine = damped_step(generator, *map(tf.constant, (x, state, damping)))
        cosines.append(float(cosine[0]))
    assert cosines[-2] < 1e-3 and cosines[-1] > 1e-5  # no other threshold would stop there
    inversion = LevenbergMarquardt(generator, Normal(4)).invert(x, restarts=1, initial_z=start)
    assert inversion.steps_taken == [len(cosines) - 1] and np.allclose(inversion.z, state, atol=1e-4)


def in_bfloat16(model):
    half = keras.models.clone_model(
        model, clone_function=lambda layer: type(layer).from_config(layer.get_config() | {"dtype": "mixed_bfloat16"})
    )
    half.set_weights(model.get_weights())
    return half


def test_weights_that_are_changed_count_in_low_precision_too(small_dcgan, planted):
    z, images = planted
    half = in_bfloat16(small_dcgan)
    half.set_weights([np.zeros_like(weight) for weight in half.get_weights()])
    inverter = LevenbergMarquardt(half, Normal(8))
    half.set_weights(small_dcgan.get_weights())
    found = inverter.invert(images, initial_z=z + 0.1)
    assert np.mean(np.square(found.z - z), axis=1).max() < 1e-8


def test_a_generator_that_is_changed_counts(small_dcgan, planted):
    z, images = planted
    inner = keras.Input((8,))
    other = keras.Model(inner, layers.Rescaling(-1.0, 1.0)(small_dcgan(inner)))
    tiny = keras.Model(inner, layers.Reshape((1, 3, 1))(layers.Dense(3, "sigmoid")(inner)))
    inverter = LevenbergMarquardt(tiny, Normal(8))
    assert inverter.obstacle
    inverter.generator = other
    found = inverter.invert(1 - images, initial_z=z + 0.1)
    assert inverter.obstacle is None and np.mean(np.square(found.z - z), axis=1).max() < 1e-8


def test_a_callback_gets_copies(small_dcgan, planted):
    def spoil(step, *found):
        for array in found:
            array[:] = np.nan

    z, images = planted
    seen = []
    callbacks = [spoil, lambda step, *found: seen.append(found)]
    options = {"steps": 2, "restarts": 1, "initial_z": z + 0.1, "batch_size": 4}
    spoilt = LevenbergMarquardt(small_dcgan, Normal(8)).invert(images, callbacks=callbacks, **options)
    plain = LevenbergMarquardt(small_dcgan, Normal(8)).invert(images, **options)
    assert np.array_equal(spoilt.z, plain.z) and np.array_equal(spoilt.images, plain.images)
    assert np.array_equal(seen[-1][0], plain.z) and not np.array_equal(seen[0][0], plain.z)
    waiting = np.isinf(seen[0][2])
    assert waiting.sum() == 3 and np.array_equal(seen[0][0][waiting], (z + 0.1)[waiting])
    assert np.allclose(seen[0][1][waiting], small_dcgan(seen[0][0][waiting], training=False), atol=1e-6)


@pytest.mark.parametrize(("likeness", "halved"), [(0.0, True), (0.999, False)])
def test_the_jacobian_is_in_bfloat16_where_that_resolves_every_direction(monkeypatch, likeness, halved):
    monkeypatch.setenv("GANINV_PRECISION", "mixed_bfloat16")
    kernel = np.linalg.qr(np.random.default_rng(0).normal(size=(64, 4)))[0].T
    kernel[1] = likeness * kernel[0] + (1 - likeness**2) ** 0.5 * kernel[1]  # cosine of the angle of two directions
    z = keras.Input((4,))
    dense = layers.Dense(64, activation="sigmoid")
    generator = keras.Model(z, layers.Reshape((8, 8, 1))(dense(z)))
    dense.set_weights([kernel.astype("float32"), np.zeros(64, "float32")])
    z = np.asarray(Normal(4).sample(5, seed=3))
    inverter = LevenbergMarquardt(generator, Normal(4))
    found = inverter.invert(np.asarray(generator(z)))
    assert (inverter._prepared[2] is not None) == halved
    assert np.square(found.z - z).mean(1).max() < 1e-8 and found.loss.max() < 1e-13


def test_callbacks_count_iterations_from_one(small_dcgan, planted):
    steps = []
    newton = LevenbergMarquardt(small_dcgan, Normal(8))
    newton.invert(planted[1], steps=3, restarts=1, callbacks=[lambda step, *_: steps.append(step)])
    assert steps == list(range(1, len(steps) + 1))
