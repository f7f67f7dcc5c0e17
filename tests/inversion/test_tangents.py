import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.networks import creswell, dcgan, egan, style


def by_accumulators(generator, z):
    """The same Jacobian by TensorFlow's forward accumulators through the whole model, one direction after another."""
    rows = []
    for direction in np.eye(z.shape[1], dtype="float32"):
        with tf.autodiff.ForwardAccumulator(z, tf.tile(direction[None], (len(z), 1))) as accumulator:
            x = generator(z, training=False)
        rows.append(tf.reshape(accumulator.jvp(x), (len(z), -1)))
    return np.stack(rows, 1)


def built_of(*parts, d=4):
    """A generator of layers behind a dense one to 4×4×2, whose normalisations have seen data."""
    z = keras.Input((d,))
    h = layers.Reshape((4, 4, 2))(layers.Dense(32)(z))
    for part in parts:
        h = part(h)
    return keras.Model(z, h)


def twice(layer):
    return lambda h: layer(layer(h))


def nested(h):
    x = keras.Input(h.shape[1:])
    return keras.Model(x, layers.Conv2D(2, 3, activation="relu")(x))(h)


def attended(h):
    rows = layers.Reshape((16, 2))(h)
    return layers.Dot(axes=-1)([rows, layers.Conv1D(2, 3, padding="same")(rows)])


GENERATORS = {
    "creswell": lambda: creswell.creswell_generator(4, 2),
    "dcgan": lambda: dcgan.dcgan_generator(4, 16, 1, 2),
    "egan": lambda: egan.egan_generator(4, 1),
    "pixel shuffle": lambda: egan.egan_pixel_shuffle_generator(4, 1),
    "style": lambda: style.style_generator(4, 8, 1, 2),
    "angular": lambda: style.style_generator(3, 8, 1, 2, angular=True),
    "biased": lambda: built_of(
        layers.Conv2D(3, 3, bias_initializer="normal"), layers.BatchNormalization(), layers.ELU()
    ),
    "activated": lambda: built_of(
        layers.Conv2DTranspose(2, 3, 2, "same", activation="tanh", bias_initializer="normal")
    ),
    "softmax": lambda: built_of(layers.Activation("softmax"), layers.AveragePooling2D(2)),
    "pooled": lambda: built_of(layers.MaxPooling2D(2), layers.ZeroPadding2D(1), layers.Cropping2D(((1, 0), (0, 1)))),
    "joined": lambda: built_of(lambda h: layers.Concatenate()([h, layers.Add()([h, layers.UpSampling2D(1)(h)])])),
    "multiplied": lambda: built_of(lambda h: layers.Multiply()([h, layers.Activation("sigmoid")(h)])),
    "two matrices": lambda: built_of(attended),
    "called twice": lambda: built_of(twice(layers.Conv2D(2, 3, padding="same", activation="tanh"))),
    "nested": lambda: built_of(nested),
    "operations": lambda: built_of(lambda h: keras.ops.sin(h) * 2.0),
    "sequential": lambda: keras.Sequential([keras.Input((4,)), layers.Dense(6, "softplus"), layers.Reshape((3, 2, 1))]),
}


def disturbed(generator):
    """Move all weights away from where they begin: no bias is 0, and no normalisation is the identity."""
    draw = np.random.default_rng(0)
    generator.set_weights([w + draw.uniform(0.05, 0.2, w.shape) for w in generator.get_weights()])
    return generator


@pytest.mark.parametrize("name", GENERATORS)
def test_it_is_the_jacobian_of_the_whole_model(name):
    generator = disturbed(GENERATORS[name]())
    z = tf.random.stateless_uniform((3, generator.input_shape[1]), (0, 1), 0.1, 0.9)
    found = jacobian(generator, z).numpy()
    expected = by_accumulators(generator, z)
    assert found.shape == expected.shape and np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["egan", "style", "biased", "activated", "joined", "called twice"])
def test_in_bfloat16_it_is_right_to_two_decimals(name):
    generator = disturbed(GENERATORS[name]())
    policies = {layer.name: "mixed_bfloat16" for layer in generator.layers}
    half = keras.models.clone_model(
        generator, clone_function=lambda o: type(o).from_config(o.get_config() | {"dtype": policies[o.name]})
    )
    half.set_weights(generator.get_weights())
    z = tf.random.stateless_uniform((3, 4), (0, 1), 0.1, 0.9)
    found, expected = jacobian(generator, z, half).numpy(), jacobian(generator, z).numpy()
    assert found.dtype == np.float32
    assert np.linalg.norm(found - expected) < 0.02 * np.linalg.norm(expected)


def test_what_cannot_be_differentiated_is_refused():
    stopped = built_of(lambda h: keras.ops.stop_gradient(h))
    with pytest.raises(TypeError, match="not differentiable by z"):
        jacobian(stopped, tf.ones((2, 4)))
