import numpy as np
import pytest

from ganinv_keras.measures import metrics

ZEROS, TENTHS = np.zeros((2, 16, 16, 1), "float32"), np.full((2, 16, 16, 1), 0.1, "float32")


def test_report_by_hand():
    report = metrics.reconstruction_report(ZEROS, TENTHS * np.array([1, 3], "float32").reshape(2, 1, 1, 1))
    assert report["n"] == 2
    assert report["mae"] == pytest.approx(0.2, rel=1e-6)  # (0.1 + 0.3) / 2
    assert report["mae_std"] == pytest.approx(0.1, rel=1e-6)
    assert report["psnr"] == pytest.approx((20 - 20 * np.log10(0.3)) / 2, rel=1e-5)  # 20 dB and 10.46 dB


def test_z_error_by_hand():
    assert metrics.z_error(np.array([[0.0, 1.0]]), np.array([[2.0, 1.0]])).tolist() == [2.0]


def test_ssim_of_flat_images_by_hand():
    found = metrics.ssim(TENTHS, 2 * TENTHS)  # without variance it is the luminance term alone
    c_1 = 0.01**2
    assert found == pytest.approx([(2 * 0.1 * 0.2 + c_1) / (0.1**2 + 0.2**2 + c_1)] * 2, rel=1e-3)


def test_dhash_similarity_of_an_image_its_mirror_and_half_of_it():
    ramp = np.linspace(0, 1, 72, dtype="float32")[None, None, :, None].repeat(64, 1)
    half = ramp.copy()
    half[:, 32:] = ramp[:, 32:, ::-1]
    found = metrics.dhash_similarity(ramp.repeat(3, 0), np.concatenate([ramp, ramp[:, :, ::-1], half]))
    assert found.tolist() == [1.0, 0.0, 0.5]


def test_shuffled_ratio_by_hand():
    x = np.array([0.0, 1.0], "float32").reshape(2, 1, 1, 1)
    assert metrics.shuffled_ratio(x, np.array([0.1, 0.7], "float32").reshape(2, 1, 1, 1)) == pytest.approx(
        (0.1**2 + 0.3**2) / (0.7**2 + 0.9**2), rel=1e-5
    )


def test_label_similarity_by_hand():
    assert metrics.label_similarity([["a", "b"], ["c", "d"]], [["a", "x"], ["c", "d"]]).tolist() == [0.5, 1.0]


def test_fid_of_gaussians_by_hand():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100_000, 3)), rng.normal(size=(100_000, 3)) * [1, 2, 3] + [2, 0, 0]
    assert metrics.fid(x, x) == pytest.approx(0, abs=1e-6)
    assert metrics.fid(x, y) == pytest.approx(4 + 1 + 4, rel=0.02)  # ‖Δμ‖² + Σ (σ₁ - σ₂)²


def test_fid_with_correlated_features_by_hand():
    x = np.random.default_rng(0).normal(size=(50_000, 2))
    turned = x @ np.array([[3.0, 0.0], [0.0, 1.0]]) @ np.array([[0.6, 0.8], [-0.8, 0.6]])
    # the covariance is R diag(9, 1) Rᵀ, its root R diag(3, 1) Rᵀ: tr(I + Σ - 2 Σ^½) = 2 + 10 - 8
    assert metrics.fid(x, turned) == pytest.approx(4, rel=0.02)


def test_kid_by_hand():
    x, y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[2.0, 0.0], [2.0, 0.0]])
    # k(a, b) = (a·b / 2 + 1)³: within x 1, within y 27, between (8 + 8 + 1 + 1) / 4
    assert metrics.kid(x, y) == pytest.approx(1 + 27 - 2 * 18 / 4)


def test_kid_is_unbiased():
    rng = np.random.default_rng(0)
    values = [metrics.kid(rng.normal(size=(20, 4)), rng.normal(size=(30, 4))) for _ in range(300)]
    assert np.mean(values) == pytest.approx(0, abs=4 * np.std(values) / 300**0.5)
    assert metrics.kid(rng.normal(size=(200, 4)), rng.normal(size=(200, 4)) + 1) > 10 * np.std(values)
