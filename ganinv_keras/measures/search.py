"""Find images by what they look like: descriptors of images, and which images of a gallery lie nearest.

Images are floats in [0, 1], `(n, height, width, channels)`; anything else is a `ValueError` that says how to mend it.
"""

import imagehash
import numpy as np
import tensorflow as tf
from PIL import Image
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from ganinv_keras.checks import check_name, check_positive_integer
from ganinv_keras.measures.inputs import as_array, check_batch, check_sets, invalid

METRICS = ("cosine", "euclidean", "hamming", "manhattan")


def _hashes(images, hash_of):
    pixels = (check_batch(images).clip(0, 1) * 255).round().astype("uint8")
    pictures = (Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image) for image in pixels)
    return np.stack([hash_of(picture).hash.ravel() for picture in pictures])


def dhash(images):
    """Return the difference hash of images in [0, 1]: 64 bits each, is a pixel of 9×8 brighter than its left one?"""
    return _hashes(images, imagehash.dhash)


def phash(images):
    """Return the perceptual hash of images in [0, 1]: 64 bits each, is a low cosine frequency above the median?"""
    return _hashes(images, imagehash.phash)


def color_histogram(images, bins=8):
    """Return the joint histogram of red, green and blue (Swain & Ballard), each row summing to 1.

    Args:
        images: images in [0, 1], shape `(n, height, width, 3)`.
        bins: bins of each colour, at most 64. Defaults to 8.

    Returns:
        A float32 array of shape `(n, bins³)`.

    Raises:
        ValueError: if the images have no three channels, or `bins` is out of range.
    """
    bins = check_positive_integer(bins, "bins", most=64)
    levels = (check_batch(images, channels=3) * bins).astype(int).clip(0, bins - 1)
    cells = (levels * [bins**2, bins, 1]).sum(-1).reshape(len(levels), -1)
    counts = np.stack([np.bincount(row, minlength=bins**3) for row in cells])
    return (counts / cells.shape[1]).astype("float32")


def small_pixels(images):
    """Return images in [0, 1] averaged down to 16×16, one row each: the simplest descriptor there is."""
    images = check_batch(images)
    return tf.image.resize(images, (16, 16), method="area").numpy().reshape(len(images), -1)


# name → (descriptor, metric of scikit-learn); for histograms that sum to 1 the Manhattan distance orders as Swain &
# Ballard's intersection does.
DESCRIPTORS = {
    "dHash": (dhash, "hamming"),
    "pHash": (phash, "hamming"),
    "color histogram": (color_histogram, "manhattan"),
    "16×16 pixels": (small_pixels, "euclidean"),
}


def nearest(gallery, queries, k=1, metric="euclidean"):
    """Find the `k` nearest rows of a gallery.

    Args:
        gallery: descriptors, shape `(m, f)`.
        queries: descriptors, shape `(n, f)`.
        k: how many, at most m. Defaults to 1.
        metric: one of `METRICS`, those of scikit-learn. Defaults to `"euclidean"`.

    Returns:
        Indices into the gallery, shape `(n, k)`, the nearest first.

    Raises:
        ValueError: if descriptors are no tables of finite numbers of one f, there are fewer than `k` in the gallery, or
            the metric is unknown.
    """
    gallery, queries = _check_search(gallery, queries, metric)
    k = check_positive_integer(k, "k", most=len(gallery))
    return NearestNeighbors(n_neighbors=k, metric=metric).fit(gallery).kneighbors(queries, return_distance=False)


def ranks(gallery, queries, targets, metric="euclidean"):
    """Say at which place of the search result each query's target comes.

    Args:
        gallery: descriptors, shape `(m, f)`.
        queries: descriptors, shape `(n, f)`.
        targets: index into the gallery of what each query should find, integers of shape `(n,)`.
        metric: one of `METRICS`, those of scikit-learn. Defaults to `"euclidean"`.

    Returns:
        Floats of shape `(n,)`: 1 is first; among m equal distances each has the middle place, as chance would have it.

    Raises:
        ValueError: if descriptors are no tables of finite numbers of one f, the targets are no such indices, or the
            metric is unknown.
    """
    gallery, queries = _check_search(gallery, queries, metric)
    targets = _check_targets(targets, len(queries), len(gallery))
    distances = pairwise_distances(queries, gallery, metric=metric)
    own = distances[np.arange(len(queries)), targets][:, None]
    return 1 + (distances < own).sum(1) + ((distances == own).sum(1) - 1) / 2


def _check_search(gallery, queries, metric):
    check_name(metric, METRICS, "metric")
    return check_sets(gallery, queries, "gallery", "queries")


def _check_targets(targets, n, m):
    targets, received = as_array(targets, "targets")
    if targets.shape != (n,) or targets.dtype.kind not in "iu":
        raise invalid("targets", f"{n} whole numbers, one for each query", received)
    if targets.min() < 0 or targets.max() >= m:
        raise invalid("targets", f"indices from 0 to {m - 1}", f"{targets.min()} to {targets.max()}")
    return targets
