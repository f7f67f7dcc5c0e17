import warnings

import numpy as np
import pytest

from ganinv_keras.measures import metrics
from ganinv_keras.networks.priors import Uniform

ZEROS, TENTHS = np.zeros((2, 16, 16, 1), "float32"), np.full((2, 16, 16, 1), 0.1, "float32")


def test_report_by_hand():
    report = metrics.reconstruction_report(ZEROS, TENTHS * np.array([1, 3], "float32").reshape(2, 1, 1, 1))
    assert report["n"] == 2
    assert report["mae"] == pytest.approx(0.2, rel=1e-6)  # (0.1 + 0.3) / 2
    assert report["mae_std"] == pytest.approx(0.1, rel=1e-6)
    assert report["psnr"] == pytest.approx((20 - 20 * np.log10(0.3)) / 2, rel=1e-5)  # 20 dB and 10.46 dB


def test_z_error_by_hand():
    assert metrics.z_error(np.array([[0.0, 1.0]]), np.array([[2.0, 1.0]])).tolist() == [2.0]


def test_recovered_share_by_hand():
    z = np.array([[1.0, 1, 1], [2, 2, 2], [3, 3, 3], [4, 4, 4]])
    z_hat = np.array([[10.0, 1, 5], [8, 3, 5], [6, 2, 5], [4, 4, 5]])  # r² = 1, 0.64, none
    assert metrics.recovered_share(z, z_hat) == pytest.approx([1, 1 - 0.36 * 3 / 2, 0])


def test_recovered_share_of_answers_at_random_is_0_on_average():
    z, z_hat = np.random.default_rng(0).normal(size=(2, 10, 20_000))
    assert metrics.recovered_share(z, z_hat).mean() == pytest.approx(0, abs=0.005)
    with pytest.raises(ValueError, match="n ≥ 3"):
        metrics.recovered_share(z[:2], z_hat[:2])


def test_ssim_of_flat_images_by_hand():
    found = metrics.ssim(TENTHS, 2 * TENTHS)  # without variance it is the luminance term alone
    c_1 = 0.01**2
    assert found == pytest.approx([(2 * 0.1 * 0.2 + c_1) / (0.1**2 + 0.2**2 + c_1)] * 2, rel=1e-5)


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
    two_pixels = np.array([[0.0, 0.5], [1.0, 0.0]], "float32").reshape(2, 1, 2, 1)
    assert metrics.shuffled_ratio(two_pixels, 0.5 * two_pixels) == pytest.approx(
        (0.25**2 + 0.5**2) / (0.5**2 + 0.5**2 + 1 + 0.25**2), rel=1e-5
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


def test_whole_numbers_do_not_wrap_around_and_shapes_do_not_broadcast():
    labels = np.array([["a", "b"]])
    for other in (labels[0], np.repeat(labels, 2, 0), labels[:, :1], labels[:0]):
        with pytest.raises(ValueError, match="Invalid value received for argument `other_labels`"):
            metrics.label_similarity(labels, other)
    with pytest.raises(ValueError, match=r"`other_labels`\. Expected shape \(1, 2\), as `labels` has"):
        metrics.label_similarity(labels, labels[:, :1])
    with pytest.raises(ValueError, match="Invalid value received for argument `labels`"):
        metrics.label_similarity(labels[0], labels)
    with pytest.raises(ValueError, match="Invalid value received for argument `z_hat`"):
        metrics.z_error(np.zeros((6, 2)), np.zeros((1, 2)))


def test_the_window_of_ssim_needs_eleven_pixels():
    assert metrics.ssim(TENTHS[:, :11, :11], TENTHS[:, :11, :11]).tolist() == [1.0, 1.0]
    for small in (TENTHS[:, :10], TENTHS[:, :, :10]):
        with pytest.raises(ValueError, match="Expected at least 11×11 pixels"):
            metrics.ssim(small, small)


def test_the_ratio_needs_other_images():
    for images in (TENTHS[:1], TENTHS):
        with pytest.raises(ValueError, match="Expected two images or more, which differ"):
            metrics.shuffled_ratio(images, images)


def test_psnr_of_equal_images_is_infinite():
    assert metrics.psnr(ZEROS, np.concatenate([ZEROS[:1], TENTHS[:1]])).tolist() == pytest.approx([np.inf, 20.0])


def test_a_table_of_errors_without_differences_or_with_zeros():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = metrics.recovery_table({"a": [0.0, 0.0, 1.0, 3.0, 1.0], "b": [0.0, 2.0, 0.0, 1.5, 0.9]}, baseline="a")
    assert table["b"] == {"recovered": [40, 40, 40, 40, 60], "wins": 60, "significant_wins": pytest.approx(200 / 3),
                          "average": pytest.approx(0.88)}  # fmt: skip
    assert metrics.recovery_table({"a": [1e-4, 1e-3, 1e-2, 1e-1, 1.0]}, "a")["a"]["recovered"] == [0, 20, 40, 60, 80]
    assert metrics.recovery_table({"a": [1.0], "b": [1.9]}, "a")["b"]["significant_wins"] is None


@pytest.mark.parametrize(
    "errors", [{"a": [1.0]}, {"disabled": [1.0, 2.0], "a": [1.0]}, {"disabled": [-1.0]}, {"disabled": [np.nan]},
               {"disabled": [np.inf]}, {"disabled": [[1.0]]}, {"disabled": ["a"]}, {"disabled": None}, {}],
)  # fmt: skip
def test_errors_of_other_latents_or_without_a_baseline_are_refused(errors):
    with pytest.raises(ValueError, match=r"Unknown baseline 'disabled'|argument `errors\['(a|disabled)'\]`. Expected"):
        metrics.recovery_table(errors)


def test_ks_distance_asks_for_the_prior_of_the_latents():
    z = np.array([[-1.0, 0.0], [0.5, 1.0]])
    assert metrics.ks_distance(z, Uniform(2)) == 0.25  # a quarter of the elements lies at -1, where the prior begins
    with pytest.raises(ValueError, match="argument `prior`"):
        metrics.ks_distance(z[:, :1], None)
    for prior in (Uniform(3), Uniform, None):
        with pytest.raises(ValueError, match=r"argument `prior`\. Expected a prior of 2 dimensions, as `z` has"):
            metrics.ks_distance(z, prior)
    with pytest.raises(ValueError, match="argument `z`"):
        metrics.ks_distance(z[0], Uniform(2))


def test_distances_of_features_need_two_images_and_finite_powers():
    x = np.array([[0.0, 1.0], [2.0, 3.0]])
    assert metrics.fid(x[:, :1], x[:, :1] + 1) == pytest.approx(1)  # one feature: only the means differ
    for distance in (metrics.fid, metrics.kid):
        for pair in ((x, x[:1]), (x[:1], x)):
            with pytest.raises(ValueError, match=r"features`\. Expected a table \(n, k\) with n ≥ 2"):
                distance(*pair)
    sentence = r"whose sixth power is finite\. Received: others\. Use features\.astype"
    with warnings.catch_warnings(), pytest.raises(ValueError, match=sentence):
        warnings.simplefilter("error")
        metrics.kid(np.float32(1e10 * x), np.float32(x))
    assert np.isfinite(metrics.kid(1e10 * x, x))


def test_distances_of_features_are_computed_in_double_precision():
    draw = np.random.default_rng(0).normal(size=(2, 5000, 2)).astype("float32") + np.float32(1000)
    assert metrics.fid(*draw) == pytest.approx(metrics.fid(*draw.astype("float64")), rel=1e-6)


def test_images_of_two_precisions_are_compared():
    x = np.random.default_rng(0).random((2, 12, 12, 1))
    pairs = [(x, x.astype("float32")), (x.tolist(), x.astype("float32")), (x.astype("float16"), x)]
    for measure in (metrics.mae, metrics.psnr, metrics.ssim):
        assert all(measure(*pair).shape == (2,) for pair in pairs)
    assert metrics.ssim(x.tolist(), x.astype("float32")) == pytest.approx([1, 1])


def test_records_are_no_labels():
    records = np.zeros((2, 3), dtype="V4")
    with pytest.raises(ValueError, match="a table of numbers or words"):
        metrics.label_similarity(records, records)


def test_no_latents_make_no_table():
    with pytest.raises(ValueError, match="n ≥ 1"):
        metrics.recovery_table({"disabled": np.zeros(0)})
