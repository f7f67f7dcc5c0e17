import numpy as np
import pytest

from ganinv_keras.measures import search


def test_dhash_of_a_ramp():
    ramp = np.linspace(0, 1, 72, dtype="float32")[None, None, :, None].repeat(64, 1)
    bits = search.dhash(np.concatenate([ramp, 1 - ramp, np.full_like(ramp, 0.5)]))
    assert bits.shape == (3, 64) and bits[0].all() and not bits[1].any() and not bits[2].any()


def test_dhash_by_hand():
    cells = np.random.default_rng(0).permutation(72).reshape(8, 9) / 72
    expected = cells[:, 1:] > cells[:, :-1]
    assert np.array_equal(search.dhash(cells[None, :, :, None]), expected.reshape(1, 64))


def test_phash_ignores_brightness():
    x = np.random.default_rng(0).uniform(0.2, 0.6, (2, 32, 32, 3)).astype("float32")
    bits = search.phash(np.concatenate([x, x + 0.2]))
    assert (bits[:2] == bits[2:]).mean() > 0.95 and (bits[0] == bits[1]).mean() < 0.8


def test_color_histogram_by_hand():
    x = np.zeros((1, 2, 2, 3), "float32")
    x[0, 0, 0] = [1.0, 0.0, 0.0]
    histogram = search.color_histogram(x, bins=2)
    assert histogram.tolist() == [[0.75, 0, 0, 0, 0.25, 0, 0, 0]]


def test_small_pixels_are_averages():
    x = np.random.default_rng(0).uniform(size=(1, 32, 32, 3)).astype("float32")
    found = search.small_pixels(x).reshape(16, 16, 3)
    assert np.allclose(found[3, 5], x[0, 6:8, 10:12].mean((0, 1)), atol=1e-6)


@pytest.mark.parametrize("name", search.DESCRIPTORS)
def test_an_exact_copy_is_found_first(name):
    describe, metric = search.DESCRIPTORS[name]
    images = np.random.default_rng(0).uniform(size=(30, 64, 64, 3)).astype("float32")
    gallery = describe(images)
    assert search.nearest(gallery, gallery[7:9], metric=metric).tolist() == [[7], [8]]
    assert search.ranks(gallery, gallery, np.arange(30), metric).tolist() == [1] * 30


def test_nearest_and_ranks_by_hand():
    gallery, queries = np.array([[0.0], [1.0], [3.0], [3.0]]), np.array([[2.5], [0.9]])
    assert search.nearest(gallery, queries[1:], k=2).tolist() == [[1, 0]]
    assert search.ranks(gallery, queries, [3, 0]).tolist() == [1.5, 2.0], "equal distances share their places"
    assert search.ranks(gallery, queries, [0, 2]).tolist() == [4.0, 3.5]
