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
