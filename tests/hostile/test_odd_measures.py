"""Metrics, search and distortions."""

import numpy as np
from harness import tried
from hypothesis import given
from hypothesis import strategies as st
from odd import anything, numbers, objects

from ganinv_keras.measures import distortions, metrics, search
from ganinv_keras.networks.priors import Normal, Uniform

X = np.random.default_rng(0).uniform(size=(3, 16, 16, 3)).astype("float32")
X_HAT = (X + 0.05).clip(0, 1)
TABLE = np.random.default_rng(1).normal(size=(6, 4)).astype("float32")


def plain(array):
    return np.asarray(array).astype("float64")


@given(anything(X), anything(X_HAT))
def test_errors_of_images(x, x_hat):
    for error in tried(metrics.mae, x, x_hat):
        np.testing.assert_allclose(error, np.abs(plain(x) - plain(x_hat)).mean((1, 2, 3)), rtol=1e-3, atol=1e-6)
    for error in tried(metrics.psnr, x, x_hat):
        mse = np.square(plain(x) - plain(x_hat)).mean((1, 2, 3))
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(error, -10 * np.log10(mse), rtol=1e-2)
    for similarity in tried(metrics.ssim, x, x_hat):
        assert similarity.shape == (np.shape(x)[0],) and (np.abs(similarity) <= 1.001).all()
    for similarity in tried(metrics.dhash_similarity, x, x_hat):
        assert similarity.shape == (np.shape(x)[0],) and ((similarity >= 0) & (similarity <= 1)).all()
    for ratio in tried(metrics.shuffled_ratio, x, x_hat):
        own, others = np.square(plain(x) - plain(x_hat)), np.square(plain(x) - np.roll(plain(x_hat), 1, axis=0))
        np.testing.assert_allclose(ratio, own.mean() / others.mean(), rtol=1e-2)
    for report in tried(metrics.reconstruction_report, x, x_hat):
        assert report["n"] == np.shape(x)[0] and 0 <= report["mae"] <= 2


@given(anything(TABLE), anything(TABLE + 0.5))
def test_errors_of_tables(z, z_hat):
    for error in tried(metrics.z_error, z, z_hat):
        np.testing.assert_allclose(error, np.square(plain(z) - plain(z_hat)).mean(1), rtol=1e-3, atol=1e-12)
    for share in tried(metrics.recovered_share, z, z_hat):
        assert share.shape == (np.shape(z)[1],) and (share <= 1).all()
    for share in tried(metrics.label_similarity, z, z_hat):
        assert share.shape == (np.shape(z)[0],) and ((share >= 0) & (share <= 1)).all()
    for distance in tried(metrics.fid, z, z_hat):
        assert np.isfinite(distance)
    for distance in tried(metrics.kid, z, z_hat):
        assert np.isfinite(distance)


@given(anything(TABLE), st.one_of(st.just(Normal(4)), st.sampled_from([Normal(5), Uniform(4), Normal]), objects()))
def test_distance_from_a_prior(z, prior):
    for distance in tried(metrics.ks_distance, z, prior):
        assert 0 <= distance <= 1


@given(
    st.one_of(
        st.dictionaries(st.sampled_from(["disabled", "a", 1, None]), anything(np.float32([1e-4, 0.2, 3.0]))),
        objects(),
    ),
    st.one_of(st.just("disabled"), objects()),
)
def test_table_of_recoveries(errors, baseline):
    for table in tried(metrics.recovery_table, errors, baseline):
        assert table.keys() == errors.keys()
        for name, row in table.items():
            assert all(0 <= share <= 100 for share in row["recovered"])
            np.testing.assert_allclose(row["average"], plain(errors[name]).mean(), rtol=1e-2)


@given(anything(TABLE), anything(TABLE[:2] + 0.01), numbers(), st.sampled_from([*search.METRICS, "cosin", None, 1]))
def test_search(gallery, queries, k, metric):
    for found in tried(search.nearest, gallery, queries, k, metric):
        assert found.shape == (np.shape(queries)[0], k) and (found < np.shape(gallery)[0]).all()


@given(anything(TABLE), anything(TABLE[:2] + 0.01), anything(np.array([0, 1])), st.sampled_from(search.METRICS))
def test_ranks(gallery, queries, targets, metric):
    for rank in tried(search.ranks, gallery, queries, targets, metric):
        assert rank.shape == (np.shape(queries)[0],) and ((rank >= 1) & (rank <= np.shape(gallery)[0])).all()


@given(anything(X), numbers(most=64))
def test_descriptors(x, bins):
    for descriptor, _ in search.DESCRIPTORS.values():
        for rows in tried(descriptor, x):
            assert len(rows) == np.shape(x)[0] and np.isfinite(rows.astype(float)).all()
    for rows in tried(search.color_histogram, x, bins):
        assert rows.shape == (np.shape(x)[0], bins**3)
        np.testing.assert_allclose(rows.sum(1), 1, rtol=1e-5)


def is_image(answer, x):
    return answer.shape == np.shape(x) and np.isfinite(answer).all() and -0.51 < answer.min() and answer.max() < 1.51


@given(anything(X), numbers(), numbers(), numbers())
def test_distortions(x, a, b, c):
    for call, arguments in {
        distortions.blur: (a,),
        distortions.shrink: (a,),
        distortions.recolor: (a, b, c),
        distortions.crop: (a,),
        distortions.noise: (a, b),
        distortions.dark_glasses: (a, (b, 12), c),
    }.items():
        for answer in tried(call, x, *arguments):
            assert is_image(answer, x), call
    for mask in tried(distortions.square_mask, x, a, b, c):
        assert mask.shape == (*np.shape(x)[1:3], 1) and (mask == 0).sum() == a**2


@given(st.one_of(objects(), st.lists(numbers(), max_size=3)))
def test_columns_of_glasses(columns):
    for answer in tried(distortions.dark_glasses, X, 8, columns, 2):
        assert is_image(answer, X)
