import numpy as np
import pytest

from ganinv_keras import metrics

ZEROS, TENTHS = np.zeros((2, 16, 16, 1), "float32"), np.full((2, 16, 16, 1), 0.1, "float32")


def test_report_by_hand():
    report = metrics.reconstruction_report(ZEROS, TENTHS * np.array([1, 3], "float32").reshape(2, 1, 1, 1))
    assert report["n"] == 2
    assert report["mae"] == pytest.approx(0.2, rel=1e-6)  # (0.1 + 0.3) / 2
    assert report["mae_std"] == pytest.approx(0.1, rel=1e-6)
    assert report["psnr"] == pytest.approx((20 - 20 * np.log10(0.3)) / 2, rel=1e-5)  # 20 dB and 10.46 dB


def test_z_error_by_hand():
    assert metrics.z_error(np.array([[0.0, 1.0]]), np.array([[2.0, 1.0]])).tolist() == [2.0]
