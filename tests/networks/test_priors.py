from fractions import Fraction

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras.networks.priors import Angular, Normal, Uniform


@pytest.mark.parametrize("prior", [Uniform(100), Uniform(100, 0.0, 3.0), Normal(100), Angular(100)])
def test_samples_have_the_moments_that_the_prior_claims(prior):
    z = np.asarray(prior.sample(1000, seed=0))
    assert z.shape == (1000, 100) and z.dtype == np.float32
    assert abs(z.mean() - prior.mean) < 0.02
    assert abs(z.std() - prior.std) < 0.02


def test_the_same_seed_draws_the_same_latents():
    assert np.array_equal(Normal(5).sample(3, seed=7), Normal(5).sample(3, seed=7))
    assert not np.array_equal(Normal(5).sample(3, seed=7), Normal(5).sample(3, seed=8))


def test_improbable():
    z = np.array([[-1.5, -1.0, 0.2, 1.0, 3.5]], "float32")
    assert np.asarray(Uniform(5).improbable(z)).tolist() == [[True, False, False, False, True]]
    assert np.asarray(Angular(5).improbable(z)).tolist() == [[True, True, False, False, True]]
    assert np.asarray(Normal(5).improbable(z)).tolist() == [[False, False, False, False, True]]
    assert np.asarray(Normal(2).improbable(np.float32([[3.0, -3.01]]))).tolist() == [[False, True]]
    assert not np.asarray(Uniform(100).improbable(Uniform(100).sample(100, 0))).any()
    assert np.asarray(Normal(100).improbable(Normal(100).sample(1000, 0))).mean() == pytest.approx(0.0027, abs=5e-4)


PRIORS = [Uniform(3), Angular(3), Normal(3)]


def test_priors_are_compared_and_printed_by_what_they_are():
    assert [repr(prior) for prior in PRIORS] == [
        "Uniform(dim=3, low=-1.0, high=1.0)", "Angular(dim=3, low=0.0, high=1.5707963267948966)", "Normal(dim=3)",
    ]  # fmt: skip
    assert Uniform(np.int64(3)) == Uniform(3.0, -1, 1) and Uniform(3) != Uniform(4) and Uniform(3) != Uniform(3, -1, 2)
    assert Angular(2) != Uniform(2, 0.0, np.pi / 2) and Normal(2) == Normal(2) and len({Normal(2), Normal(2)}) == 1
    assert repr(Normal(np.int64(2))) == "Normal(dim=2)"


@pytest.mark.parametrize("dim", [0, -1, 2.5, np.nan, None, "3", [3], True])
@pytest.mark.parametrize("kind", [Uniform, Angular, Normal])
def test_a_dimension_is_a_whole_number(kind, dim):
    with pytest.raises(ValueError, match=r"argument `dim`\. Expected a whole number ≥ 1\. Received: "):
        kind(dim)


def test_an_interval_has_a_width():
    for low, high in ((1, -1), (1, 1), (1, 1 + 1e-9)):
        with pytest.raises(ValueError, match=f"argument `high`. Expected a number above low=1. Received: {high:g}"):
            Uniform(3, low, high)
    for bad in (np.nan, np.inf, "0", None, 2e6):
        for name in ("low", "high"):
            with pytest.raises(ValueError, match=rf"`{name}`\. Expected a finite number from -1e\+06 to 1e\+06"):
                Uniform(3, **{name: bad})
    assert np.abs(Uniform(3, -1e6, 1e6).sample(10, 0)).max() > 1e5
    for end in ("low", "high"):
        with pytest.raises(TypeError, match=f"unexpected keyword argument '{end}'"):
            Angular(3, **{end: 1.0})


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_sizes_and_seeds_of_every_kind(prior):
    z = np.asarray(prior.sample(4, 7))
    generator = keras.random.SeedGenerator(7)
    for n, seed in ((4.0, 7), (np.int32(4), np.int64(7)), (tf.constant(4), np.uint8(7))):
        assert np.array_equal(prior.sample(n, seed), z)
    draws = [np.asarray(prior.sample(4, generator)) for _ in range(2)]
    assert not np.array_equal(*draws) and not np.array_equal(z, prior.sample(4, 8))
    assert np.array_equal(z, tf.function(lambda n: prior.sample(n, 7))(tf.constant(4)))
    assert prior.sample(1, 2**63 - 1).shape == (1, 3)
    for n in (0, -1, 2.5, "4", None, [4], np.nan):
        with pytest.raises(ValueError, match=r"argument `n`\. Expected a whole number ≥ 1\. Received: "):
            prior.sample(n, 0)
    for seed in (-1, 2**63, 1.5, None, "7", True):
        with pytest.raises(ValueError, match=r"argument `seed`\. Expected a whole number"):
            prior.sample(4, seed)


def test_cdf_by_hand():
    z = np.array([[-2.0, 0.0, 0.5, 3.0]])
    assert Uniform(4, -1.0, 2.0).cdf(z).tolist() == [[0.0, pytest.approx(1 / 3), 0.5, 1.0]]
    assert Angular(4).cdf(z * np.pi / 2)[0].tolist() == [0.0, 0.0, 0.5, 1.0]
    assert Normal(4).cdf(z)[0] == pytest.approx([0.02275, 0.5, 0.69146, 0.99865], abs=1e-5)


def test_angles_keep_away_from_the_ends():
    z = np.asarray(Angular(1000).sample(1000, 0))
    assert z.min() == np.float32(1e-6) and z.max() == np.float32(np.pi / 2 - 1e-6)


def test_ends_and_numbers_of_any_kind():
    prior = Uniform(2, -1, Fraction(1, 2))
    assert (prior.low, prior.high) == (-1.0, 0.5) and prior == Uniform(2, -1.0, 0.5)
    assert np.abs(prior.sample(np.int64(50), 0)).max() <= 1
    assert prior.sample(tf.constant(3), 0).shape == tf.function(lambda n: prior.sample(n, 0))(tf.constant(3)).shape
    for n in (tf.Variable(1.5), tf.constant([1.0, 2.0]), tf.constant(0)):
        with pytest.raises(ValueError, match="argument `n`"):
            prior.sample(n, 0)
