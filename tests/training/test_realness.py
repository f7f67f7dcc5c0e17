"""What a loss takes for realness."""

import keras
import numpy as np
import pytest

from ganinv_keras import losses


def test_masked_realness_is_refused():
    realness = np.ma.masked_array(np.ones((2, 1), "float32"), [[0], [1]])
    with pytest.raises(ValueError, match="MaskedArray"):
        losses.least_squares(realness, realness)


def test_labels_that_no_loss_can_hold_are_refused():
    realness, seed = np.ones((2, 1), "float32"), keras.random.SeedGenerator(0)
    with pytest.raises(ValueError, match="from -1e\\+06 to 1e\\+06"):
        losses.soft_label_loss(realness, realness, (0.0, 1e308), (0.0, 0.3), seed)
