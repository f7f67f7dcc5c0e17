import keras
import numpy as np
import pytest
from keras import layers, ops

from ganinv_keras import device
from ganinv_keras.inversion import LatentOptimizer, default_optimizer
from ganinv_keras.inversion.constraints import Clip, MomentPenalty
from ganinv_keras.inversion.latent_optimizer import _report_steps
from ganinv_keras.networks.priors import Normal, Uniform


@pytest.mark.parametrize("loss", ["mse", "bce", "mae", lambda x, x_hat: ops.max(ops.abs(x - x_hat), axis=(1, 2, 3))])
def test_a_planted_z_is_recovered(linear_generator, prior, planted, loss):
    z, images = planted
    to_zero = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.3, 600), beta_2=0.9)
    inversion = LatentOptimizer(linear_generator, prior, loss=loss).invert(images, steps=600, optimizer=to_zero)
    # The cross-entropy does not fall to zero, so float32 resolves its minimum less finely.
    assert np.abs(inversion.z - z).max() < {"mse": 1e-4, "bce": 5e-3}.get(loss, 0.02)
    assert np.abs(inversion.images - images).max() < 0.01


def test_one_step_of_plain_descent_is_algorithm_1(linear_generator, prior, planted):
    _, images = planted
    z = np.asarray(prior.sample(7, seed=0))
    inverter = LatentOptimizer(linear_generator, prior, loss="mse")
    found = inverter.invert(images, steps=1, optimizer=keras.optimizers.SGD(0.5), seed=0)
    kernel, bias = linear_generator.get_weights()
    error = z @ kernel + bias - images.reshape(7, 64)
    expected = z - 0.5 * 2 / 64 * error @ kernel.T
    assert np.allclose(found.z, expected, atol=1e-6)


def test_gradients_are_independent_with_inference_statistics_only(small_gan_parts, prior):
    generator, _ = small_gan_parts
    images = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)).astype("float32")
    z = np.asarray(prior.sample(6, seed=0))
    other = z.copy()
    other[1:] = np.asarray(prior.sample(5, seed=1))
    for mode, independent in (("inference", True), ("batch", False)):
        inverter = LatentOptimizer(generator, prior, batch_norm=mode)
        first = [inverter.invert(images, steps=1, optimizer=keras.optimizers.SGD(1.0), initial_z=start).z[0]
                 for start in (z, other)]  # fmt: skip
        assert np.allclose(*first, atol=1e-6) == independent


def test_batch_statistics_leave_the_generator_as_it_was(small_gan_parts, prior):
    generator, _ = small_gan_parts
    before = generator.get_weights()
    LatentOptimizer(generator, prior, batch_norm="batch").invert(np.full((3, 8, 8, 1), 0.5, "float32"), steps=3)
    assert all(np.array_equal(a, b) for a, b in zip(before, generator.get_weights(), strict=True))


@pytest.mark.parametrize("n", [1, 2, 5, 7])
@pytest.mark.parametrize("restarts", [1, 3])
def test_n_in_n_out_whatever_the_batch_size(linear_generator, prior, planted, n, restarts):
    _, images = planted
    inverter = LatentOptimizer(linear_generator, prior, restarts=restarts)
    whole = inverter.invert(images[:n], steps=5, batch_size=1000)
    parts = inverter.invert(images[:n], steps=5, batch_size=4)
    assert whole.z.shape == (n, 4) and whole.images.shape == (n, 8, 8, 1) and whole.loss.shape == (n,)
    assert whole.history["loss"].shape == (len(whole.history["step"]), n)
    assert np.allclose(whole.z, parts.z, atol=1e-6)
    assert np.allclose(whole.history["loss"], parts.history["loss"], atol=1e-6)


def test_the_same_seed_gives_the_same_z_bit_for_bit(linear_generator, prior, planted):
    runs = [LatentOptimizer(linear_generator, prior).invert(planted[1], steps=20, seed=s).z for s in (5, 5, 6)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_the_best_is_kept_not_the_last(linear_generator, prior, planted):
    inverter = LatentOptimizer(linear_generator, prior, loss="mse")
    inversion = inverter.invert(planted[1], steps=30, optimizer=keras.optimizers.SGD(500.0))  # diverges
    assert np.allclose(inversion.loss, np.nanmin(inversion.history["loss"], axis=0))
    assert (inversion.history["loss"][-1] > 10 * inversion.loss).all()
    assert np.allclose(((np.asarray(linear_generator(inversion.z)) - planted[1]) ** 2).mean((1, 2, 3)), inversion.loss)


def test_nan_never_overwrites_a_good_z(prior):
    z = keras.Input((4,))
    generator = keras.Model(z, layers.Reshape((2, 2, 1))(ops.sqrt(z)))  # NaN as soon as an element is negative
    images = np.full((3, 2, 2, 1), 0.1, "float32")
    start = np.full((3, 4), 0.5, "float32")
    inverter = LatentOptimizer(generator, prior, loss="mse")
    inversion = inverter.invert(images, steps=50, optimizer=keras.optimizers.SGD(20.0), initial_z=start)
    assert np.isfinite(inversion.z).all() and np.isfinite(inversion.loss).all()
    assert (inversion.loss <= (0.5**0.5 - 0.1) ** 2 + 1e-6).all()


def test_restarts_keep_the_best(prior):
    z = keras.Input((4,))
    first = ops.mean(ops.sin(4.0 * z), axis=1, keepdims=True)  # many local minima
    generator = keras.Model(z, layers.Reshape((1, 1, 1))(0.5 + 0.5 * first))
    images = np.full((5, 1, 1, 1), 0.95, "float32")
    starts = np.asarray(prior.sample(5 * 6, seed=0)).reshape(5, 6, 4)
    many = LatentOptimizer(generator, prior, loss="mse", restarts=6).invert(images, steps=1, initial_z=starts)
    singles = np.stack([
        LatentOptimizer(generator, prior, loss="mse").invert(images, steps=1, initial_z=starts[:, i]).loss
        for i in range(6)
    ])  # fmt: skip
    assert np.allclose(many.loss, singles.min(0), atol=1e-7)


def test_converged_images_are_frozen_and_counted(linear_generator, prior, planted):
    z, images = planted
    start = np.array(prior.sample(7, seed=0))
    start[2] = z[2]  # this one is there already
    inversion = LatentOptimizer(linear_generator, prior, loss="mse").invert(
        images, steps=3000, optimizer=keras.optimizers.SGD(5.0), initial_z=start, tolerance=1e-9
    )
    assert inversion.steps_taken[2] <= 2
    assert (inversion.steps_taken < 3000).all() and (np.delete(inversion.steps_taken, 2) > 10).all()
    assert np.array_equal(inversion.z[2], z[2])


def test_clipping_keeps_z_inside(linear_generator, planted):
    prior = Uniform(4, -0.1, 0.1)
    found = {c: LatentOptimizer(linear_generator, prior, constraint=c).invert(planted[1], steps=100).z
             for c in (None, Clip(prior))}  # fmt: skip
    assert np.abs(found[None]).max() > 0.2
    assert np.abs(found[Clip(prior)]).max() <= np.float32(0.1)


def test_the_penalty_pulls_the_moments_to_the_prior(linear_generator, planted):
    prior = Normal(4)
    plain = LatentOptimizer(linear_generator, prior).invert(planted[1], steps=200).z
    pulled = LatentOptimizer(linear_generator, prior, penalty=MomentPenalty(prior)).invert(planted[1], steps=200).z
    assert abs(pulled.std() - 1) < abs(plain.std() - 1)


def test_callbacks_see_the_best_so_far(linear_generator, prior, planted):
    seen = []
    inversion = LatentOptimizer(linear_generator, prior, restarts=2).invert(
        planted[1], steps=40, callbacks=[lambda *state: seen.append(state)]
    )
    assert [step for step, *_ in seen] == list(inversion.history["step"][1:])
    losses = np.stack([loss for *_, loss in seen])
    assert (np.diff(losses, axis=0) <= 0).all()
    assert np.array_equal(seen[-1][1], inversion.z) and np.array_equal(seen[-1][2], inversion.images)


@pytest.mark.parametrize("steps", [1, 2, 37, 500, 20_000])
def test_report_steps_begin_at_0_and_end_at_the_last(steps):
    reports = _report_steps(steps)
    assert reports[0] == 0 and reports[-1] == steps
    assert max(np.diff(reports)) <= max(1, -(-steps // 50))


def test_xla_computes_the_same(linear_generator, prior, planted, monkeypatch):
    plain = LatentOptimizer(linear_generator, prior).invert(planted[1], steps=20).z
    monkeypatch.setattr(device, "jit_compile", lambda: True)
    inverter = LatentOptimizer(linear_generator, prior)
    compiled = inverter.invert(planted[1], steps=20).z
    assert inverter._idle[1][0]._loop._jit_compile
    assert np.allclose(plain, compiled, atol=1e-4)


def test_a_generator_in_low_precision_is_inverted_in_float32(prior):
    z = keras.Input((4,))
    h = layers.Dense(4, activation="sigmoid", dtype="mixed_bfloat16")(z)
    generator = keras.Model(z, layers.Reshape((2, 2, 1), dtype="mixed_bfloat16")(h))
    inversion = LatentOptimizer(generator, prior).invert(np.full((2, 2, 2, 1), 0.3, "float32"), steps=5)
    assert inversion.images.dtype == np.float32 and inversion.z.dtype == np.float32


def test_integers_of_every_kind_are_seeds(linear_generator, prior, planted):
    runs = [LatentOptimizer(linear_generator, prior).invert(planted[1], 2, seed=seed).z
            for seed in (5, np.int64(5), np.uint8(5))]  # fmt: skip
    assert all(np.array_equal(runs[0], run) for run in runs)


def test_the_optimizer_that_is_passed_in_is_not_touched(linear_generator, prior, planted):
    optimizer = keras.optimizers.Adam(0.1)
    LatentOptimizer(linear_generator, prior).invert(planted[1], steps=3, optimizer=optimizer)
    assert not optimizer.built and int(optimizer.iterations) == 0


def test_the_default_optimizer_beats_plain_adam_within_the_same_steps(linear_generator, prior, planted):
    losses = [
        LatentOptimizer(linear_generator, prior, loss="mse").invert(planted[1], steps=60, optimizer=optimizer).loss
        for optimizer in (default_optimizer(60), keras.optimizers.Adam(0.05))
    ]
    assert losses[0].mean() < 0.1 * losses[1].mean()


def test_tensorflow_is_not_alarmed_by_many_inverters(linear_generator, prior, planted, caplog):
    for _ in range(7):
        LatentOptimizer(linear_generator, prior).invert(planted[1], steps=2)
    assert "retracing" not in caplog.text
