"""What several tests of inversion share."""

import numpy as np
import pytest


@pytest.fixture
def planted(linear_generator, prior):
    z = np.asarray(prior.sample(7, seed=3)) * 0.5
    return z, np.asarray(linear_generator(z)).clip(0, 1)
