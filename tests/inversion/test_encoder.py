import keras
import numpy as np
import pytest
from keras import layers

from ganinv_keras.inversion import EncoderInverter, HybridInverter, LatentOptimizer, LevenbergMarquardt
from ganinv_keras.inversion.encoder import predict


@pytest.fixture
def encoder(linear_generator):
    """The exact inverse of the linear generator, whose bias is ½."""
    x = keras.Input((8, 8, 1))
    dense = layers.Dense(4)
    model = keras.Model(x, dense(layers.Flatten()(x)))
    inverse = np.linalg.pinv(linear_generator.get_weights()[0])
    dense.set_weights([inverse, -0.5 * inverse.sum(0)])
    return model


@pytest.fixture
def images(linear_generator, prior):
    return np.asarray(linear_generator(prior.sample(7, seed=3)))


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100, np.int64(2)])
def test_predict_answers_every_row_in_order(linear_generator, prior, batch_size):
    z = np.asarray(prior.sample(7, seed=0))
    found = predict(linear_generator, z, batch_size)
    assert found.dtype == np.float32
    assert np.allclose(found, linear_generator(z, training=False), atol=1e-6)


def test_predict_takes_lists_and_answers_in_float32(prior):
    z = keras.Input((4,))
    low = keras.Model(z, layers.Dense(3, dtype="mixed_bfloat16")(z))
    rows = prior.sample(3, seed=0).numpy().tolist()
    found = predict(low, rows)
    assert found.dtype == np.float32 and np.array_equal(found, np.asarray(low(np.float32(rows)), "float32"))


def test_predict_refuses_in_words(linear_generator):
    z = np.zeros((2, 4), "float32")
    two = keras.Model(linear_generator.inputs[0], [linear_generator.outputs[0]] * 2)
    for arguments, sentence in [
        ((None, z), "argument `model`. Expected a Keras model"),
        ((linear_generator, None), "argument `inputs`. Expected an array of numbers. Received: NoneType"),
        ((linear_generator, z[:0]), "inputs must be an array .* got shape .0, 4."),
        ((linear_generator, z, 0), "argument `batch_size`"),
        ((linear_generator, z[:, :3]), r"The model cannot take inputs of shape \(2, 3\) and type float32"),
        ((two, z), "The model must have one output, a tensor, got a list"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            predict(*arguments)


def test_a_planted_z_is_read_by_the_encoder(encoder, linear_generator, images, prior):
    inversion = EncoderInverter(encoder, linear_generator).invert(images, batch_size=3)
    assert np.allclose(inversion.z, prior.sample(7, seed=3), atol=1e-5)
    assert np.allclose(inversion.images, images, atol=1e-5) and inversion.loss.max() < 1e-10


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_an_answer_that_is_not_finite_is_refused(encoder, linear_generator, images, prior, value):
    kernel, bias = encoder.get_weights()
    encoder.set_weights([kernel, np.float32([0, value, 0, 0])])
    for inverter in (
        EncoderInverter(encoder, linear_generator),
        HybridInverter(encoder, LatentOptimizer(linear_generator, prior)),
        HybridInverter(encoder, LevenbergMarquardt(linear_generator, prior)),
    ):
        with pytest.raises(ValueError, match="the encoder's z must be finite .* is not in row 0, 1, 2, 3, 4, 5, 6:"):
            inverter.invert(images)


def test_weights_of_the_generator_that_are_not_finite_are_refused(encoder, linear_generator, images):
    inverter = EncoderInverter(encoder, linear_generator)
    linear_generator.set_weights([np.full_like(weight, np.inf) for weight in linear_generator.get_weights()])
    with pytest.raises(ValueError, match="The generator has NaN or infinity in its weights .*kernel, .*bias"):
        inverter.invert(images)


def test_what_does_not_fit_together_is_refused(encoder, linear_generator, images, prior):
    with pytest.raises(ValueError, match=r"The encoder maps \(4,\) to \(8, 8, 1\), but the generator \(4,\) to"):
        EncoderInverter(linear_generator, linear_generator)
    with pytest.raises(ValueError, match="argument `encoder`. Expected a Keras model. Received: None"):
        HybridInverter(None, LatentOptimizer(linear_generator, prior))
    with pytest.raises(ValueError, match="argument `batch_size`"):
        EncoderInverter(encoder, linear_generator).invert(images, batch_size=0)
    restarts = LatentOptimizer(linear_generator, prior, restarts=2)
    for inverter in (None, LatentOptimizer, restarts, EncoderInverter(encoder, linear_generator)):
        with pytest.raises(ValueError, match="Expected a LatentOptimizer with restarts=1, or a LevenbergMarquardt"):
            HybridInverter(encoder, inverter)


def test_reconstructions_outside_0_and_1_are_warned_of(encoder, linear_generator, images):
    z = keras.Input((4,))
    tanh = keras.Model(z, layers.Rescaling(2.0, -1.0)(linear_generator(z)))
    with pytest.warns(UserWarning, match=r"must make images in \[0, 1\], but some that it made range from -0"):
        EncoderInverter(encoder, tanh).invert(images)
