"""State belongs to the call: threads, callbacks and changed attributes do not disturb one another."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from keras import layers, ops

from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import Clip, LogisticCutoff, MomentPenalty
from ganinv_keras.networks.priors import Normal, Uniform


@pytest.fixture
def generator(small_gan_parts):
    return small_gan_parts[0]


def images_of(generator, seed, n=5):
    return np.asarray(generator(Uniform(4).sample(n, seed)))


def same(a, b):
    arrays = zip((a.z, a.images, a.loss, a.steps_taken), (b.z, b.images, b.loss, b.steps_taken), strict=True)
    return all(np.array_equal(*pair) for pair in arrays) and np.array_equal(a.history["loss"], b.history["loss"])


def test_two_threads_on_one_inverter_get_what_they_would_get_one_after_the_other(generator, prior):
    inverter = LatentOptimizer(generator, prior, "mse")

    def invert(seed):
        return inverter.invert(images_of(generator, seed), steps=30, seed=seed)

    serial = [invert(seed) for seed in range(20)]
    with ThreadPoolExecutor(2) as threads:
        assert all(map(same, threads.map(invert, range(20)), serial))
    assert len(inverter._idle[1]) <= 2


def test_a_callback_may_call_its_inverter(generator, prior):
    inverter, inner = LatentOptimizer(generator, prior), []
    first, second = images_of(generator, 1), images_of(generator, 2)

    def callback(*_):
        inner.append(inverter.invert(second, steps=3, optimizer=keras.optimizers.SGD(1.0)))

    options = {"steps": 3, "optimizer": keras.optimizers.SGD(1.0)}
    outer = inverter.invert(first, **options, callbacks=[callback])
    assert len(inner) == 3 and all(same(found, inverter.invert(second, **options)) for found in inner)
    assert same(outer, inverter.invert(first, **options))


def test_a_callback_gets_copies(generator, prior):
    images = images_of(generator, 1)

    def spoil(step, *found):
        for array in found:
            array[:] = np.nan

    seen = []
    callbacks = [spoil, lambda step, *found: seen.append(found)]
    spoilt = LatentOptimizer(generator, prior).invert(images, steps=3, callbacks=callbacks)
    assert same(spoilt, LatentOptimizer(generator, prior).invert(images, steps=3))
    assert all(np.isfinite(array).all() for found in seen for array in found)


def test_a_call_that_was_broken_off_leaves_nothing_behind(generator, prior):
    inverter = LatentOptimizer(generator, prior)

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inverter.invert(images_of(generator, 1), steps=9, callbacks=[stop])
    second = images_of(generator, 2)
    assert same(inverter.invert(second, steps=9), LatentOptimizer(generator, prior).invert(second, steps=9))


def test_what_converged_in_one_call_moves_in_the_next(generator, prior):
    inverter, options = LatentOptimizer(generator, prior, "mse"), {"steps": 9, "tolerance": 1e-3}
    start = np.asarray(prior.sample(5, seed=1))
    there = inverter.invert(images_of(generator, 1), initial_z=start, **options)
    assert (there.steps_taken == 1).all()
    far = inverter.invert(np.ones((5, 8, 8, 1), "float32"), initial_z=start, **options)
    assert (far.steps_taken > 1).all() and (far.loss < far.history["loss"][0]).all()


def inverted(generator):
    z = keras.Input((4,))
    return keras.Model(z, layers.Rescaling(-1.0, 1.0)(generator(z)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loss", "mae"),
        ("loss", lambda x, x_hat: ops.max(ops.abs(x - x_hat), axis=(1, 2, 3))),
        ("constraint", Clip(Uniform(4, -0.1, 0.1))),
        ("penalty", MomentPenalty(Uniform(4))),
        ("batch_norm", "batch"),
        ("restarts", 2),
        ("generator", inverted),
        ("prior", Uniform(4, -0.5, 0.5)),
    ],
)
def test_an_attribute_that_is_changed_counts(generator, prior, name, value):
    images = images_of(generator, 1)
    inverter = LatentOptimizer(generator, prior, "mse")
    before = inverter.invert(images, steps=5)
    value, old = inverted(generator) if value is inverted else value, getattr(inverter, name)
    setattr(inverter, name, value)
    fresh = LatentOptimizer(**{"generator": generator, "prior": prior, "loss": "mse"} | {name: value})
    changed = inverter.invert(images, steps=5)
    assert same(changed, fresh.invert(images, steps=5)) and not np.array_equal(changed.z, before.z)
    setattr(inverter, name, old)
    assert same(inverter.invert(images, steps=5), before)


def test_a_changed_attribute_is_checked_like_an_argument(generator, prior):
    inverter = LatentOptimizer(generator, prior)
    for name, value, sentence in [
        ("loss", "msee", "Did you mean 'mse'"),
        ("batch_norm", "training", "Unknown batch_norm mode"),
        ("restarts", 0, "argument `restarts`"),
        ("constraint", LogisticCutoff(2, 2), "does not redraw from Uniform"),
        ("prior", Normal(5), "dimension 5, but the generator takes"),
    ]:
        old = getattr(inverter, name)
        setattr(inverter, name, value)
        with pytest.raises(ValueError, match=sentence):
            inverter.invert(images_of(generator, 1))
        setattr(inverter, name, old)


def test_weights_that_are_changed_count(generator, prior):
    images = images_of(generator, 1)
    inverter = LatentOptimizer(generator, prior)
    before = inverter.invert(images, steps=5)
    generator.set_weights([0.5 * weight for weight in generator.get_weights()])
    after = inverter.invert(images, steps=5)
    assert same(after, LatentOptimizer(generator, prior).invert(images, steps=5))
    assert not np.array_equal(after.z, before.z)


def test_the_settings_of_the_optimizer_count(generator, prior):
    images, inverter = images_of(generator, 1), LatentOptimizer(generator, prior, "mse")
    falling = keras.optimizers.schedules.CosineDecay(1.0, 5)
    for optimizer in (
        keras.optimizers.SGD(0.1), keras.optimizers.SGD(1.0), keras.optimizers.SGD(1.0, momentum=0.9),
        keras.optimizers.SGD(falling), keras.optimizers.Nadam(0.1), keras.optimizers.Adamax(0.1),
    ):  # fmt: skip
        fresh = LatentOptimizer(generator, prior, "mse").invert(images, 5, optimizer)
        assert same(inverter.invert(images, 5, optimizer), fresh)


def test_a_second_call_is_not_traced_again(generator, prior):
    traces = []

    def loss(x, x_hat):
        traces.append(1)
        return ops.mean(ops.square(x - x_hat), axis=(1, 2, 3))

    inverter = LatentOptimizer(generator, prior, loss, Clip(prior))
    first = inverter.invert(images_of(generator, 1), steps=20, batch_size=3)
    (descent,) = inverter._idle[1]
    second = inverter.invert(images_of(generator, 1), steps=20, batch_size=3)
    assert len(traces) == 1  # nor is it traced twice in the first call
    assert inverter._idle[1] == [descent] and descent._loop.experimental_get_tracing_count() == 1
    assert same(first, second)


def test_where_no_loss_is_finite_the_start_is_returned_and_named(prior):
    z = keras.Input((4,))
    generator = keras.Model(z, layers.Reshape((2, 2, 1))(ops.sqrt(z)))  # NaN where an element is negative
    inverter = LatentOptimizer(generator, prior, "mse")
    start = np.float32([[0.5] * 4, [0.5, -0.5, 0.5, 0.5], [0.25] * 4])
    inverter.invert(np.full((3, 2, 2, 1), 0.9, "float32"), 5, keras.optimizers.SGD(0.1), np.abs(start))
    images = np.full((3, 2, 2, 1), 0.1, "float32")
    with pytest.warns(UserWarning, match="No finite loss was found for image 1 of 3: what is returned of it is the st"):
        found = inverter.invert(images, 5, keras.optimizers.SGD(0.1), start)
    assert np.isinf(found.loss[1]) and np.array_equal(found.z[1], start[1])
    assert np.array_equal(found.images[1], generator(start)[1], equal_nan=True)
    assert np.isfinite(found.loss[::2]).all() and (found.loss[::2] < ((np.sqrt(start[::2]) - 0.1) ** 2).mean(1)).all()
