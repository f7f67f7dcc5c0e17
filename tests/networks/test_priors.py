import numpy as np
import pytest

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
    assert not np.asarray(Uniform(100).improbable(Uniform(100).sample(100, 0))).any()
    assert np.asarray(Normal(100).improbable(Normal(100).sample(1000, 0))).mean() == pytest.approx(0.0027, abs=5e-4)
