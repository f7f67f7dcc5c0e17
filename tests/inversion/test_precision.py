"""Half precision finds the way, float32 says where it ends."""

import keras
import numpy as np
import pytest
from keras import layers

from ganinv_keras.device import computing_in
from ganinv_keras.inversion import LatentOptimizer


@pytest.fixture
def generator(small_gan_parts):
    return small_gan_parts[0]


def policies(model):
    return [layer.dtype_policy.name for layer in model.layers[1:]]


def test_a_copy_computes_in_half_precision_up_to_its_logits(generator, prior):
    z = prior.sample(5, 0)
    logits = keras.Model(generator.input, layers.Activation("sigmoid")(layers.Flatten()(generator.layers[-2].output)))
    copy = computing_in("mixed_bfloat16", logits)
    assert set(policies(copy)[:-1]) == {"mixed_bfloat16"} and policies(copy)[-1] == "float32"
    apart = np.abs(np.asarray(copy(z)) - logits(z)).max()
    assert copy(z).dtype == "float32" and 0 < apart < 0.02
    assert set(policies(computing_in("mixed_bfloat16", generator))) == {"mixed_bfloat16"}, "its last layer has weights"
    assert computing_in("float32", generator) is generator and computing_in("float32", copy) is not copy
    assert np.array_equal(computing_in("float32", copy)(z), logits(z))


def test_what_is_reported_was_measured_in_float32(generator, prior):
    x = np.asarray(generator(prior.sample(6, 1)))
    inversions = {precision: LatentOptimizer(generator, prior, "mse", precision=precision).invert(x, steps=40)
                  for precision in ("float32", "mixed_bfloat16")}  # fmt: skip
    half = inversions["mixed_bfloat16"]
    assert np.allclose(half.images, generator(half.z), atol=1e-6)
    assert np.allclose(half.loss, np.mean((half.images - x) ** 2, (1, 2, 3)), rtol=1e-4)
    assert not np.array_equal(half.z, inversions["float32"].z)
    # From step 37 on the loss falls below what bfloat16 can see.
    losses = half.history["loss"].mean(1)
    assert half.history["step"][-4:-2].tolist() == [37, 38] and losses[-1] < losses[0] / 20
    assert np.array_equal(inversions["float32"].history["loss"][0], half.history["loss"][0])


def test_a_best_of_half_precision_is_measured_again(generator, prior):
    x = np.asarray(generator(prior.sample(6, 1)))
    steep = keras.optimizers.SGD(keras.optimizers.schedules.PiecewiseConstantDecay([30], [0.3, 1e4]))
    found = LatentOptimizer(generator, prior, "mse", precision="mixed_bfloat16").invert(x, 40, steep)
    assert np.allclose(found.loss, np.mean((np.asarray(generator(found.z)) - x) ** 2, (1, 2, 3)), rtol=1e-5)
    assert (found.loss < found.history["loss"][-1]).all(), "the steps in float32 went astray"


def test_new_weights_reach_the_copy(generator, prior):
    x = np.asarray(generator(prior.sample(3, 1)))
    inverter = LatentOptimizer(generator, prior, "mse", precision="mixed_bfloat16")
    inverter.invert(x, steps=20)
    generator.set_weights([0.5 * weight for weight in generator.get_weights()])
    fresh = LatentOptimizer(generator, prior, "mse", precision="mixed_bfloat16")
    assert np.array_equal(inverter.invert(x, steps=20).z, fresh.invert(x, steps=20).z)


def test_where_the_device_multiplies_bfloat16_it_is_used(generator, prior, monkeypatch):
    x = np.asarray(generator(prior.sample(8, 1)))
    inverter = LatentOptimizer(generator, prior, "mse")
    exact, few = inverter.invert(x, steps=20), inverter.invert(x[:7], steps=20)
    monkeypatch.setenv("GANINV_PRECISION", "mixed_bfloat16")
    assert np.array_equal(inverter.invert(x[:7], steps=20).z, few.z), "it would gain nothing"
    asked = LatentOptimizer(generator, prior, "mse", precision="mixed_bfloat16")
    assert np.array_equal(inverter.invert(x, steps=20).z, asked.invert(x, steps=20).z)
    inverter.precision = "float32"
    assert np.array_equal(inverter.invert(x, steps=20).z, exact.z)
    monkeypatch.setenv("GANINV_PRECISION", "mixed_float16")  # its gradients would have to be scaled
    inverter.precision = None
    assert np.array_equal(inverter.invert(x, steps=20).z, exact.z)


@keras.saving.register_keras_serializable("tests")
class Fixed(layers.Layer):
    """A layer that Keras cannot make anew."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, h):
        return self.factor * h


def test_what_cannot_be_copied_or_is_in_half_precision_stays_as_it_is(generator, prior):
    fixed = keras.Model(generator.input, Fixed(0.5)(generator.output))
    for model in (fixed, computing_in("mixed_bfloat16", generator)):
        x = np.asarray(model(prior.sample(3, 1)), "float32")
        pair = [LatentOptimizer(model, prior, "mse", precision=precision).invert(x, steps=20).z
                for precision in ("float32", "mixed_bfloat16")]  # fmt: skip
        assert np.array_equal(*pair)


def test_a_tolerance_is_kept_in_float32(generator, prior):
    x = np.asarray(generator(prior.sample(3, 1)))
    pair = [LatentOptimizer(generator, prior, "mse", precision=precision).invert(x, 20, tolerance=1e-9)
            for precision in ("float32", "mixed_bfloat16")]  # fmt: skip
    assert np.array_equal(pair[0].z, pair[1].z) and np.array_equal(pair[0].steps_taken, pair[1].steps_taken)


def test_another_precision_is_refused(generator, prior):
    with pytest.raises(ValueError, match="float16"):
        LatentOptimizer(generator, prior, precision="float16")
