import keras
import numpy as np
import pytest
from keras import layers

from ganinv_keras import EncoderInverter, LatentOptimizer, LevenbergMarquardt, Normal, pretrained
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.inversion.measurements import Pixels
from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.labels import one_hot, tried_labels

PRIOR = Normal(6)


@pytest.fixture(scope="module")
def drawn():
    keras.utils.set_random_seed(0)
    taken = keras.Input((6,), name="z"), keras.Input((4,), name="label")
    h = layers.ELU()(layers.Dense(60)(layers.Concatenate()([taken[0], layers.Dense(8)(taken[1])])))
    h = layers.ELU()(layers.Conv2DTranspose(16, 5, 2, "same")(layers.Reshape((2, 2, 15))(h)))
    h = layers.Activation("sigmoid")(layers.Conv2DTranspose(3, 5, 2, "same")(h))
    generator = keras.Model(taken, h)
    z, labels = np.asarray(PRIOR.sample(7, 1)), np.array([3, 0, 2, 1, 1, 3, 2])
    return generator, z, labels, predict(generator, [z, one_hot(labels, generator)])


@pytest.mark.parametrize("known", [True, False])
def test_a_class_is_taken_or_found_and_z_with_it(drawn, known):
    generator, z, labels, x = drawn
    given = labels if known else None
    descent = LatentOptimizer(generator, PRIOR, "mse", restarts=2)
    found = descent.invert(x, steps=300, batch_size=20, labels=given)
    assert np.array_equal(found.labels, labels)
    assert np.allclose(found.z, z, atol=1e-3)
    exact = LevenbergMarquardt(generator, PRIOR).invert(x, batch_size=3, labels=given)
    assert np.array_equal(exact.labels, labels)
    assert np.allclose(exact.z, z, atol=1e-4)
    assert np.allclose(exact.images, x, atol=1e-6)


def test_another_class_draws_the_image_less_well(drawn):
    generator, _, labels, x = drawn
    right, wrong = (LevenbergMarquardt(generator, PRIOR).invert(x, labels=(labels + shift) % 4) for shift in (0, 1))
    assert np.array_equal(wrong.labels, (labels + 1) % 4)
    assert right.loss.max() < 1e-12 < 1e-6 < wrong.loss.min()


def test_an_unknown_class_is_tried_from_the_same_starts(drawn):
    generator, _, labels, x = drawn
    initial = np.asarray(PRIOR.sample(7, 5))
    inverter = LatentOptimizer(generator, PRIOR, "mse")
    each = [inverter.invert(x, steps=3, initial_z=initial, labels=np.full(7, k)) for k in range(4)]
    best = inverter.invert(x, steps=3, initial_z=initial)
    losses = np.stack([inversion.loss for inversion in each])
    assert np.array_equal(best.labels, losses.argmin(axis=0))
    assert np.allclose(best.loss, losses.min(axis=0), rtol=1e-4)


def test_classes_error_bars_and_few_pixels_go_together(drawn, tmp_path):
    generator, z, labels, x = drawn
    inverter = LevenbergMarquardt(generator, PRIOR, measurement=Pixels(np.arange(0, 64, 2)))
    noise = np.random.default_rng(0).normal(0, 1e-4, (7, 32, 1, 3))
    found = inverter.invert(inverter.measurement(x) + noise, noise=1e-4)
    assert np.array_equal(found.labels, labels) and found.trusted.all()
    assert 0.7 < np.sqrt(np.mean(np.square((found.z - z) / found.std))) < 1.3  # 42 draws of N(0, 1)
    found.save(tmp_path / "found.npz")
    assert np.array_equal(type(found).load(tmp_path / "found.npz").labels, labels)


def test_with_noise_a_start_ends_once_the_posterior_hardly_rises(drawn):
    generator, _, labels, x = drawn
    noise = 0.05
    y = np.clip(x + np.random.default_rng(0).normal(0, noise, x.shape), 0, 1)
    found = LevenbergMarquardt(generator, PRIOR).invert(y, noise=noise, labels=labels, restarts=1)
    gained = -np.diff(found.history["loss"], axis=0) * x[0].size / noise**2
    for image, taken in enumerate(found.steps_taken):
        steps = gained[: taken - 1, image]
        assert 0 < steps[-1] < 1e-3 and not ((0 < steps[:-1]) & (steps[:-1] < 1e-3)).any()


def test_the_derivative_by_z_leaves_the_class_alone(drawn):
    generator, z, labels, _ = drawn
    z, label = keras.ops.convert_to_tensor(z), one_hot(labels, generator)
    by_layers = np.asarray(jacobian(generator, z, label=label))
    step = 1e-2 * np.eye(6, dtype="float32")
    for i in range(6):
        up, down = (np.asarray(generator([z + sign * step[i], label])) for sign in (1, -1))
        assert np.allclose(by_layers[:, i], ((up - down) / 2e-2).reshape(7, -1), atol=2e-4)
    inputs = [keras.Input(tensor.shape[1:]) for tensor in generator.inputs]
    nested = keras.Model(inputs, layers.Rescaling(1.0)(generator(inputs)))  # by TensorFlow's accumulator
    assert LevenbergMarquardt(nested, PRIOR).obstacle is None
    found = np.asarray(jacobian(nested, z, label=label))
    assert np.allclose(found, by_layers, atol=1e-5)


def test_labels_that_do_not_fit_are_refused(drawn, linear_generator, prior):
    generator, _, labels, x = drawn
    inverter = LevenbergMarquardt(generator, PRIOR)
    for bad in (labels[:3], labels + 1, labels - 1, labels + 0.5, np.eye(4)[labels], "3021132"):
        with pytest.raises(ValueError, match="labels"):
            inverter.invert(x, labels=bad)
        with pytest.raises(ValueError, match="labels"):
            LatentOptimizer(generator, PRIOR).invert(x, labels=bad)
    with pytest.raises(ValueError, match="takes z alone: leave `labels` out"):
        tried_labels(labels, linear_generator, 7)
    with pytest.raises(ValueError, match="must have one input, got 2: z, label"):
        EncoderInverter(keras.Model(x_in := keras.Input((8, 8, 3)), layers.Dense(6)(layers.Flatten()(x_in))), generator)
    number = keras.Input((1,), name="number")
    wrapped = keras.Model([generator.inputs[0], number], generator([generator.inputs[0], layers.Dense(4)(number)]))
    with pytest.raises(ValueError, match=r"must be a class in one-hot code, \(n, K\), got \(None, 1\)"):
        LatentOptimizer(wrapped, PRIOR)


def test_the_class_of_a_generated_digit_and_its_latent_are_found():
    generator, _, prior, _ = pretrained.load("mnist-conditional")
    z, labels = np.asarray(prior.sample(3, 11)), np.array([4, 9, 7])
    x = predict(generator, [z, one_hot(labels, generator)])
    found = LevenbergMarquardt(generator, prior).invert(x, batch_size=3)
    assert np.array_equal(found.labels, labels)
    assert np.mean(np.square(found.z - z), axis=1).max() < 1e-8
