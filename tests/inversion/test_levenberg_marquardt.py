import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from ganinv_keras.inversion.damped_step import damped_step, jacobian
from ganinv_keras.inversion.levenberg_marquardt import LevenbergMarquardt
from ganinv_keras.networks.priors import Normal


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


def test_the_jacobian_against_finite_differences():
    z = keras.Input((4,))
    h = layers.Reshape((4, 4, 3))(layers.Dense(48, "tanh")(z))
    smooth = keras.Model(z, layers.Conv2DTranspose(1, 4, 2, "same", activation="sigmoid")(h))
    z, h = Normal(4).sample(3, seed=0), 1e-2
    found = np.asarray(jacobian(smooth, z))
    assert found.shape == (3, 4, 64) and np.abs(found).max() > 0.05
    for i in range(4):
        step = h * np.eye(4, dtype="float32")[i]
        difference = (smooth(z + step) - smooth(z - step)) / (2 * h)
        assert np.allclose(found[:, i], np.reshape(difference, (3, -1)), atol=1e-4)


def test_a_linear_generator_is_inverted_in_one_step(linear_generator):
    prior = Normal(4)
    z = np.asarray(prior.sample(5, seed=3)) * 0.3
    x = np.asarray(linear_generator(z)).clip(0, 1)
    start = map(tf.constant, (x, prior.sample(5, 0), np.full(5, 1e-6, "float32")))
    first, _, loss, _, _ = damped_step(linear_generator, *start)
    assert np.allclose(first, z, atol=1e-5) and np.max(loss) < 1e-11


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


def test_a_nan_is_never_kept(small_dcgan, planted):
    start = np.full((7, 8), np.nan, "float32")
    inversion = LevenbergMarquardt(small_dcgan, Normal(8)).invert(planted[1], restarts=2, initial_z=start)
    assert np.isfinite(inversion.z).all() and inversion.loss.max() < 1e-12


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
        exact = np.asarray(LevenbergMarquardt(generator, Normal(8)).generator(z))
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
    with pytest.raises(ValueError, match="restarts"):
        inverter.invert(planted[1], restarts=0)
