import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import ndtri

from ganinv_keras.networks.priors import Angular
from ganinv_keras.networks.spherical import CartesianToSpherical, NormalQuantile, SphericalToCartesian


def paper(phi, phi_0, phi_1, phi_00, phi_01, phi_10, phi_11):
    """The eight coordinates of Section 3."""
    sin, cos = np.sin, np.cos
    return [
        sin(phi) * sin(phi_0) * sin(phi_00), sin(phi) * sin(phi_0) * cos(phi_00),
        sin(phi) * cos(phi_0) * sin(phi_01), sin(phi) * cos(phi_0) * cos(phi_01),
        cos(phi) * sin(phi_1) * sin(phi_10), cos(phi) * sin(phi_1) * cos(phi_10),
        cos(phi) * cos(phi_1) * sin(phi_11), cos(phi) * cos(phi_1) * cos(phi_11),
    ]  # fmt: skip


def test_the_eight_coordinates_of_the_paper():
    z = np.asarray(Angular(7).sample(20, seed=0))
    assert np.allclose(SphericalToCartesian()(z), [paper(*angles) for angles in z], atol=1e-6)


def test_four_coordinates_by_hand():
    x = SphericalToCartesian()(np.radians([[30.0, 60.0, 45.0]]))
    expected = [3**0.5 / 4, 1 / 4, 6**0.5 / 4, 6**0.5 / 4]
    assert np.allclose(x, [expected], atol=1e-6)
    assert np.allclose(CartesianToSpherical()(7 * x), np.radians([[30.0, 60.0, 45.0]]), atol=1e-6)


@pytest.mark.parametrize("d", [1, 3, 31, 511, 1023])
def test_round_trip(d):
    z = np.asarray(Angular(d).sample(1000, seed=0))
    x = np.asarray(SphericalToCartesian()(z))
    assert x.shape == (1000, d + 1) and x.min() > 0
    assert np.abs(np.linalg.norm(x, axis=1) - 1).max() < 1e-6
    assert np.abs(CartesianToSpherical()(x) - z).max() < 1e-4


def test_from_any_point_and_back():
    x = np.random.default_rng(0).gamma(1.0, size=(50, 64)).astype("float32")
    z = CartesianToSpherical()(x)
    assert np.min(z) > 0 and np.max(z) < np.pi / 2
    assert np.allclose(SphericalToCartesian()(z), x / np.linalg.norm(x, axis=1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("end", [1e-4, np.pi / 2 - 1e-4])
def test_gradients_are_finite_near_the_ends(end):
    z = tf.fill((2, 31), tf.constant(end, "float32"))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        x = SphericalToCartesian()(z)
        back = CartesianToSpherical()(x)
    assert np.isfinite(tape.jacobian(x, z)).all()
    assert np.isfinite(tape.jacobian(back, z)).all()
    assert np.allclose(back, end, atol=1e-6)


def test_the_jacobian_of_the_round_trip_is_the_identity():
    z = Angular(15).sample(3, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(z)
        back = CartesianToSpherical()(SphericalToCartesian()(z))
    assert np.allclose(tape.batch_jacobian(back, z), np.eye(15), atol=1e-3)


def test_the_angles_of_the_quantile_are_normal():
    u = np.array([[1e-4, 0.1, 0.5, 0.975, 1 - 1e-4]])
    assert np.allclose(NormalQuantile()(u * np.pi / 2), ndtri(u), atol=2e-3)
    ends = np.asarray(NormalQuantile()(np.array([[0.0, np.pi / 2]])))
    assert np.allclose(ends, [[-4.753, 4.753]], atol=0.03)


@pytest.mark.parametrize("d", [2, 6, 100])
def test_trees_that_are_not_perfect_are_refused(d):
    with pytest.raises(ValueError, match=f"power of two of coordinates, got {d} angles, which make {d + 1}"):
        SphericalToCartesian()(np.ones((1, d)))
    with pytest.raises(ValueError, match=f"power of two of coordinates, got {d + 1}"):
        CartesianToSpherical()(np.ones((1, d + 1)))


def test_models_with_these_layers_can_be_saved(tmp_path):
    for layer in (SphericalToCartesian, CartesianToSpherical, NormalQuantile):
        assert keras.saving.get_registered_name(layer) == f"ganinv>{layer.__name__}"
    z = keras.Input((7,))
    model = keras.Model(z, NormalQuantile()(CartesianToSpherical()(SphericalToCartesian()(z))))
    model.save(tmp_path / "m.keras")
    angles = Angular(7).sample(5, seed=0)
    assert np.allclose(keras.saving.load_model(tmp_path / "m.keras")(angles), model(angles))


@pytest.mark.parametrize("layer, width", [(SphericalToCartesian, 7), (CartesianToSpherical, 8)])
def test_shapes_without_a_tree_are_refused_at_every_call(layer, width):
    transform = layer()
    with pytest.raises(ValueError, match="expected ndim=2, found ndim=3"):
        transform(np.ones((1, 2, width)))
    assert transform(np.ones((1, width))).shape == (1, 15 - width)
    with pytest.raises(ValueError, match="needs a power of two of coordinates"):
        transform(np.ones((1, width - 1)))
