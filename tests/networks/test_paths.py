import keras
import numpy as np
import pytest

from ganinv_keras.networks import paths

X, Y = np.float32([1, 0, 0]), np.float32([0, 1, 0])


def test_slerp_by_hand():
    half = 0.5**0.5
    assert np.allclose(paths.slerp(X, Y, [0, 1 / 3, 0.5, 1]), [X, [0.75**0.5, 0.5, 0], [half, half, 0], Y], atol=1e-6)


def test_slerp_keeps_the_length_and_the_line_does_not():
    z_1, z_2 = np.random.default_rng(0).normal(size=(2, 100))
    z_1, z_2 = z_1 / np.linalg.norm(z_1), z_2 / np.linalg.norm(z_2)
    mu = np.linspace(0, 1, 11)
    assert np.allclose(np.linalg.norm(paths.slerp(z_1, z_2, mu), axis=1), 1, atol=1e-6)
    middle = np.linalg.norm(paths.line(z_1, z_2, mu), axis=1)[5]
    assert middle == pytest.approx(np.cos(paths.angle(z_1, z_2) / 2), abs=1e-6)


def test_line_by_hand():
    assert np.allclose(paths.line(X, Y, [0, 0.25, 1]), [X, [0.75, 0.25, 0], Y])


def test_great_circle_comes_back_through_the_second_latent():
    circle = paths.great_circle(X, 2 * Y, 8)
    assert circle.shape == (8, 3)
    assert np.allclose(circle[[0, 2, 4, 6]], [X, 2 * Y, -X, -2 * Y], atol=1e-6)


@pytest.mark.parametrize(("z_2", "degrees"), [(2 * X, 0), (-X, 180)])
def test_no_arc_joins_parallel_latents(z_2, degrees):
    with pytest.raises(ValueError, match=f"{degrees}° apart: no single arc"):
        paths.slerp(X, z_2, [0.5])


def test_angles_of_pairs_by_hand():
    a = np.array([[1.0, 0, 0], [2.0, 0, 0], [0, 3.0, 0], [1.0, 0, 0]])
    b = np.array([[0, 5.0, 0], [1.0, 1.0, 0], [0, 1.0, 0], [-1.0, 0, 0]])
    assert np.allclose(paths.angle(a, b), np.radians([90, 45, 0, 180]))
    assert paths.angle(X, X + 1e-5 * Y) == pytest.approx(1e-5, rel=0.01), "the arccosine would say 0"


@pytest.mark.parametrize("path", [paths.line, paths.slerp, lambda a, b, mu: paths.great_circle(a, b, 4)])
def test_latents_of_other_shapes_or_without_finite_numbers_are_refused(path):
    for z in (Y[:2], Y[None], [], None, "a", ["a", "b", "c"], Y + np.nan, Y - np.inf, np.array([0, 1e15, 0]), Y + 1j):
        for pair in ((X, z), (z, X)):
            with pytest.raises(ValueError, match=r"`z_[12]`\. Expected finite .* 1 axis\.|must have one shape"):
                path(*pair, [0.5])
    assert path(1e14 * X, (1e14 * Y).astype("float64"), [0.5]).dtype == np.float32


@pytest.mark.parametrize("mu", [0.5, [], [[0.5]], [np.nan], ["a"], None])
def test_places_are_finite_numbers(mu):
    for path in (paths.line, paths.slerp):
        with pytest.raises(ValueError, match=r"argument `mu`\. Expected finite numbers below 1e15, with 1 axis\. Rec"):
            path(X, Y, mu)


@pytest.mark.parametrize("z", [0 * X, 9e-13 * X])
def test_what_has_no_length_has_no_direction(z):
    for call in (lambda: paths.slerp(z, Y, [0.5]), lambda: paths.great_circle(Y, z, 4), lambda: paths.angle(z, Y),
                 lambda: paths.angle([Y, X], [Y, z])):  # fmt: skip
        with pytest.raises(ValueError, match="A vector of length 0 has no direction"):
            call()
    assert paths.angle(1.2e-12 * X, Y) == pytest.approx(np.pi / 2)


def test_angles_are_between_vectors_of_one_shape():
    for pair in ((X, Y[:2]), ([X, Y], X), ([X, Y], [X])):
        with pytest.raises(ValueError, match=r"z_1 and z_2 must have one shape, got \(.*\) and \(.*\)\."):
            paths.angle(*pair)
    with pytest.raises(ValueError, match=r"argument `z_1`\. Expected finite numbers below 1e15, with 1 or 2 axes"):
        paths.angle(X[None, None], X[None, None])


def test_parallel_latents_have_no_circle():
    for z in (X, -X, X + 8e-7 * Y):
        with pytest.raises(ValueError, match="no single arc joins them"):
            paths.great_circle(X, z, 4)
    assert paths.great_circle(X, X + 1.2e-6 * Y, 4).shape == (4, 3)
    assert np.allclose(paths.great_circle(X, Y, 1), [X])
    for n in (0, -1, 2.5, "4"):
        with pytest.raises(ValueError, match="argument `n`. Expected a whole number ≥ 1"):
            paths.great_circle(X, Y, n)


def test_what_has_no_numbers_is_no_path():
    with pytest.raises(ValueError, match="mu"):
        paths.line(np.ones(3, "float32"), np.arange(3.0), keras.Input((5,)))
