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


def test_what_lies_outside_is_black_or_white_to_a_hash():
    x = np.random.default_rng(0).uniform(-0.4, 1.4, (2, 32, 32, 1)).astype("float32")
    assert np.array_equal(search.dhash(x), search.dhash(np.clip(x, 0, 1)))


def test_phash_ignores_brightness():
    x = np.random.default_rng(0).uniform(0.2, 0.6, (2, 32, 32, 3)).astype("float32")
    bits = search.phash(np.concatenate([x, x + 0.2]))
    assert (bits[:2] == bits[2:]).mean() > 0.95 and (bits[0] == bits[1]).mean() < 0.8


def test_color_histogram_by_hand():
    x = np.zeros((1, 2, 2, 3), "float32")
    x[0, 0, 0] = [1.0, 0.0, 0.0]
    histogram = search.color_histogram(x, bins=2)
    assert histogram.tolist() == [[0.75, 0, 0, 0, 0.25, 0, 0, 0]]
    x[0, 0, 1], x[0, 1, 0] = [0.0, 0.5, 1.0], [0.4, 0.0, 0.9]
    found = search.color_histogram(x, bins=3)
    assert found.shape == (1, 27) and np.flatnonzero(found).tolist() == [0, 3 + 2, 9 + 2, 18], "9 r + 3 g + b"
    assert search.color_histogram(x).shape == (1, 512)


def test_small_pixels_are_averages():
    x = np.random.default_rng(0).uniform(size=(1, 64, 64, 3)).astype("float32")
    found = search.small_pixels(x).reshape(16, 16, 3)
    assert np.allclose(found[3, 5], x[0, 12:16, 20:24].mean((0, 1)), atol=1e-6)


@pytest.mark.parametrize("name", ["dHash", "pHash", "color histogram", "16×16 pixels"])
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


def test_the_distance_is_the_one_that_is_asked_for():
    gallery, query = np.array([[2.0, 0.0], [0.8, 0.9], [1.4, 1.0]]), np.array([[1.0, 0.0]])
    found = {metric: search.nearest(gallery, query, 3, metric).tolist()[0] for metric in search.METRICS}
    assert found["cosine"] == [0, 2, 1] and found["euclidean"] == [1, 0, 2] and found["manhattan"] == [0, 1, 2]
    assert search.nearest(np.array([[2.0, 1.0], [1.0, 5.0]]), query, metric="hamming").tolist() == [[1]]
    assert search.ranks(gallery, query, [2], "cosine").tolist() == [2.0]


@pytest.mark.parametrize("k", [0, 5, 1.5, "1", None])
def test_no_more_neighbours_than_there_are(k):
    gallery = np.eye(4)
    assert search.nearest(gallery, gallery[:1], np.int64(4)).shape == (1, 4)
    assert search.nearest(gallery[:1], gallery).tolist() == [[0]] * 4
    with pytest.raises(ValueError, match="argument `k`. Expected a whole number from 1 to 4"):
        search.nearest(gallery, gallery, k)


@pytest.mark.parametrize("targets", [[0, 1], [0, 1, 4], [0, -1, 2], [0.0, 1.0, 2.0], [True, False, True], "abc", None,
                                     [[0], [1, 2]], [[0, 1, 2]]])  # fmt: skip
def test_targets_are_places_in_the_gallery(targets):
    gallery = np.eye(4)
    assert search.ranks(gallery, gallery[[3, 0, 1]], np.uint8([3, 0, 1])).tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="Invalid value received for argument `targets`. Expected"):
        search.ranks(gallery, gallery[:3], targets)


def test_unknown_distances_and_bins():
    for search_for in (lambda m: search.nearest(np.eye(3), np.eye(3), 1, m),
                       lambda m: search.ranks(np.eye(3), np.eye(3), [0, 1, 2], m)):  # fmt: skip
        with pytest.raises(ValueError, match="Unknown metric 'euklidean'. Did you mean 'euclidean'"):
            search_for("euklidean")
    x = np.full((1, 2, 2, 3), 0.99, "float32")
    assert search.color_histogram(x, 64).shape == (1, 64**3) and search.color_histogram(x, 1).tolist() == [[1.0]]
    for bins in (0, 65, 2.5, None):
        with pytest.raises(ValueError, match="argument `bins`. Expected a whole number from 1 to 64"):
            search.color_histogram(x, bins)
