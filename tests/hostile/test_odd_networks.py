"""Priors, paths of z, losses, layers, and the papers' networks."""

import inspect

import keras
import numpy as np
import pytest
from harness import tried
from hypothesis import given
from hypothesis import strategies as st
from odd import anything, numbers, objects

from ganinv_keras import Angular, Normal, Uniform, losses
from ganinv_keras.networks import creswell, dcgan, egan, layers, luo, paths, spherical, style

Z = np.random.default_rng(0).normal(size=(3, 8)).astype("float32")
REALNESS = Z[:, :1]
X = np.random.default_rng(1).uniform(size=(3, 8, 8, 1)).astype("float32")
SEEDS = st.sampled_from([0, np.int64(3), np.uint8(7), 2**31, 2**63 - 1, 2**63, -1, 1.5, None, "a", np.nan])


def is_finite(answer, shape):
    answer = np.asarray(answer)
    return answer.shape == shape and np.isfinite(answer).all()


@given(numbers(most=300), numbers(), numbers(), numbers(most=300), SEEDS, anything(Z))
def test_priors(dim, low, high, n, seed, z):
    for kind, arguments in ((Uniform, (dim, low, high)), (Angular, (dim,)), (Normal, (dim,))):
        for prior in tried(kind, *arguments):
            for drawn in tried(prior.sample, n, seed):
                assert is_finite(drawn, (int(n), int(dim)))
    for prior in (Uniform(8), Angular(7), Normal(8)):
        for drawn in tried(prior.sample, n, seed):
            assert is_finite(drawn, (int(n), prior.dim))


@given(anything(Z[0]), anything(Z[1]), anything(np.linspace(0, 1, 5)), numbers(most=300))
def test_paths(z_1, z_2, mu, n):
    for path in (paths.line, paths.slerp):
        for z in tried(path, z_1, z_2, mu):
            assert np.isfinite(z).all() and z.shape[-1] == np.shape(z_1)[-1]
    for theta in tried(paths.angle, z_1, z_2):
        assert ((np.asarray(theta) >= 0) & (np.asarray(theta) <= np.pi + 1e-6)).all()
    for z in tried(paths.great_circle, z_1, z_2, n):
        assert is_finite(z, (int(n), len(np.asarray(z_1))))


@given(
    anything(REALNESS), anything(-REALNESS), st.tuples(numbers(), numbers()), st.one_of(objects(), st.just((0, 0.3)))
)
def test_adversarial_losses(real, fake, real_range, fake_range):
    for loss in (losses.non_saturating, losses.original, losses.least_squares, losses.wasserstein):
        for d_loss, g_loss in tried(loss, real, fake):
            assert np.shape(d_loss) == np.shape(g_loss) == ()
    for ranges in ((real_range, (0, 0.3)), ((0.7, 1.2), fake_range)):
        for d_loss in tried(losses.soft_label_loss, REALNESS, -REALNESS, *ranges, keras.random.SeedGenerator(0)):
            assert np.isfinite(float(d_loss))


@given(st.one_of(objects(), numbers(), st.sampled_from(["mse", "MSE", "bec", "wassserstein", "original"])))
def test_losses_by_name(name):
    for loss in tried(losses.adversarial, name):
        assert callable(loss)
    for loss in tried(losses.reconstruction, name):
        assert loss is name or np.shape(loss(X, X)) == (3,)


@given(numbers(most=8), numbers(most=8), numbers(most=8))
def test_layers(a, b, c):
    x, rows = np.repeat(X, 4, -1), np.abs(Z)
    for kind, arguments, given_to in (
        (layers.PixelShuffle, (a,), x), (layers.EqualizedDense, (a, b), rows), (layers.EqualizedConv2D, (a, b, c), x),
        (layers.Blur, ([a, b], c), x), (layers.Blur, (a, b), x),
    ):  # fmt: skip
        for layer in tried(kind, *arguments):
            for answer in tried(layer, given_to):
                assert len(answer) == 3


@given(st.sampled_from([1, 2, 3, 4, 7, 8, 12, 0]), st.sampled_from([layers.PixelShuffle(2), layers.LatentScale(),
       spherical.SphericalToCartesian(), spherical.CartesianToSpherical(), spherical.NormalQuantile()]))  # fmt: skip
def test_layers_of_latents(n, layer):
    layer = type(layer).from_config(layer.get_config())
    for answer in tried(layer, np.full((3, n), 0.5, "float32")):
        assert np.isfinite(np.asarray(answer)).all()


BUILDERS = [builder for module in (creswell, dcgan, egan, luo, style) for name, builder in inspect.getmembers(module)
            if inspect.isfunction(builder) and builder.__module__ == module.__name__ and not name.startswith("_")
            and name not in ("initial", "style_encoder", "style_angle_encoder")]  # fmt: skip
GOOD = {"latent_dim": 7, "width": 1, "image_size": 16, "channels": 1, "max_channels": 2}


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
@given(data=st.data())
def test_builders_of_networks(builder, data):
    known = inspect.signature(builder).parameters
    options = {name: value for name, value in GOOD.items() if name in known}
    name = data.draw(st.sampled_from(sorted(known)))
    options[name] = data.draw(numbers(most=40))
    for model in tried(builder, **options):
        assert isinstance(model, keras.Model)
