import keras
import numpy as np
import pytest
from keras import layers

from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.encoder import EncoderInverter, HybridInverter, predict
from ganinv_keras.networks.priors import Uniform
from ganinv_keras.training.encoders import AEGAN, LatentRegressor, SummedErrors


@pytest.fixture
def generator(small_gan_parts):
    return small_gan_parts[0]


@pytest.fixture
def encoder():
    x = keras.Input((8, 8, 1))
    h = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, 2, "same")(x)))
    return keras.Model(x, layers.Dense(4, "tanh")(layers.Flatten()(h)))


def train(trainer, epochs=1, steps=5, **kwargs):
    trainer.compile(keras.optimizers.Adam(1e-2, 0.5))
    return trainer.fit_generated(epochs, steps, batch_size=16, verbose=0, **kwargs)


@pytest.mark.parametrize("method", [LatentRegressor, AEGAN, SummedErrors])
def test_only_the_encoder_moves(generator, encoder, prior, method):
    before = [w.copy() for w in generator.get_weights()], [w.copy() for w in encoder.get_weights()]
    train(method(generator, encoder, prior))
    assert all(np.array_equal(a, b) for a, b in zip(before[0], generator.get_weights(), strict=True))
    moved = [not np.array_equal(a, b) for a, b in zip(before[1], encoder.get_weights(), strict=True)]
    assert all(moved), "every weight of the encoder, and its statistics"


def test_the_losses_by_hand(generator, encoder, prior):
    z = np.asarray(prior.sample(5, seed=0))
    x = np.asarray(generator(z, training=False))
    z_hat = np.asarray(encoder(x, training=True))
    found = LatentRegressor(generator, encoder, prior).loss_of(z, x)
    assert float(found) == pytest.approx(np.mean((z - z_hat) ** 2), rel=1e-5)
    x_hat = np.asarray(generator(z_hat, training=False))
    expected = -np.mean(x * np.log(x_hat) + (1 - x) * np.log(1 - x_hat))
    assert float(AEGAN(generator, encoder, prior).loss_of(z, x)) == pytest.approx(expected, rel=1e-4)
    both = float(SummedErrors(generator, encoder, prior).loss_of(z, x))
    assert both == pytest.approx(np.mean((z - z_hat) ** 2) + expected, rel=1e-4)


class Darken(layers.Layer):
    def call(self, x):
        return x / 2


def test_the_encoder_sees_the_damage_and_answers_for_the_whole(generator, encoder, prior):
    z = np.asarray(prior.sample(5, seed=0))
    x = np.asarray(generator(z, training=False))
    z_hat = np.asarray(encoder(x / 2, training=True))
    found = LatentRegressor(generator, encoder, prior, Darken()).loss_of(z, x)
    assert float(found) == pytest.approx(np.mean((z - z_hat) ** 2), rel=1e-5)
    x_hat = np.asarray(generator(z_hat, training=False))
    expected = -np.mean(x * np.log(x_hat) + (1 - x) * np.log(1 - x_hat))
    assert float(AEGAN(generator, encoder, prior, Darken()).loss_of(z, x)) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(ValueError, match=r"damage must leave images of shape \(8, 8, 1\), the encoder's"):
        AEGAN(generator, encoder, prior, layers.AveragePooling2D(2))
    with pytest.raises(ValueError, match="Expected a Keras layer or model from images to images, or None. Received: 0"):
        AEGAN(generator, encoder, prior, 0)


def test_random_damage_goes_on_where_it_was(generator, encoder, prior, tmp_path):
    def hole():
        return layers.RandomErasing(1.0, (0.2, 0.4), 0.5, (0, 1), seed=3)

    path, start = tmp_path / "e.weights.h5", encoder.get_weights()
    train(AEGAN(generator, encoder, prior, hole()), epochs=2)
    whole = encoder.get_weights()
    encoder.set_weights(start)
    train(AEGAN(generator, encoder, prior, hole()), epochs=1, checkpoint=path)
    encoder.set_weights(start)
    train(AEGAN(generator, encoder, prior, hole()), epochs=2, checkpoint=path)
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(whole, encoder.get_weights(), strict=True))
    with pytest.raises(ValueError, match="is of another training: damage"):
        train(AEGAN(generator, encoder, prior), epochs=2, checkpoint=path)


@pytest.mark.parametrize("method", [LatentRegressor, AEGAN])
def test_training_lowers_the_loss(generator, encoder, prior, method):
    losses = train(method(generator, encoder, prior), epochs=6, steps=30).history["loss"]
    assert losses[-1] < losses[0]


def test_a_linear_generator_is_learnt(linear_generator):
    prior = Uniform(4)
    x = keras.Input((8, 8, 1))
    encoder = keras.Model(x, layers.Dense(4)(layers.Flatten()(x)))
    train(LatentRegressor(linear_generator, encoder, prior), epochs=8, steps=60)
    z = np.asarray(prior.sample(50, seed=1))
    assert np.abs(encoder(linear_generator(z)) - z).max() < 0.05


def test_a_stopped_training_goes_on(generator, encoder, prior, tmp_path):
    path = tmp_path / "e.weights.h5"
    start = encoder.get_weights()
    train(AEGAN(generator, encoder, prior), epochs=3)
    whole = encoder.get_weights()
    encoder.set_weights(start)
    train(AEGAN(generator, encoder, prior), epochs=2, checkpoint=path)
    encoder.set_weights(start)
    history = train(AEGAN(generator, encoder, prior), epochs=3, checkpoint=path)
    assert len(history.history["loss"]) == 1
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(whole, encoder.get_weights(), strict=True))


@pytest.mark.parametrize("n", [1, 5])
def test_the_encoder_inverter_answers_like_the_others(generator, encoder, prior, n):
    x = np.asarray(generator(prior.sample(n, seed=0), training=False))
    inversion = EncoderInverter(encoder, generator).invert(x, batch_size=2)
    assert np.allclose(inversion.z, encoder(x, training=False), atol=1e-5)
    assert np.allclose(inversion.images, generator(inversion.z, training=False), atol=1e-5)
    assert np.allclose(inversion.loss, np.mean((x - inversion.images) ** 2, axis=(1, 2, 3)), atol=1e-6)
    assert inversion.history["loss"].shape == (1, n) and not inversion.steps_taken.any()
    with pytest.raises(ValueError, match="divide by 255"):
        EncoderInverter(encoder, generator).invert(x * 255)


def test_the_hybrid_starts_where_the_encoder_points(generator, encoder, prior):
    x = np.asarray(generator(prior.sample(3, seed=0), training=False))
    first = EncoderInverter(encoder, generator).invert(x)
    hybrid = HybridInverter(encoder, LatentOptimizer(generator, prior, "mse")).invert(x, steps=30)
    assert np.allclose(hybrid.history["loss"][0], first.loss, atol=1e-6)
    assert (hybrid.loss < first.loss).all()


def test_an_encoder_that_does_not_fit_is_refused(generator, prior):
    x = keras.Input((8, 8, 1))
    with pytest.raises(ValueError, match=r"The encoder maps \(8, 8, 1\) to \(5,\)"):
        AEGAN(generator, keras.Model(x, layers.Dense(5)(layers.Flatten()(x))), prior)


@pytest.mark.parametrize("n", [1, 4, 7])
def test_predict_keeps_every_row(generator, prior, n):
    z = np.asarray(prior.sample(n, seed=0))
    assert np.allclose(predict(generator, z, batch_size=4), generator(z, training=False), atol=1e-6)
