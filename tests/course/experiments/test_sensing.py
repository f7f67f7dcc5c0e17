import json

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.course.experiments import sensing
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.networks.priors import Normal
from ganinv_keras.zoo import pretrained


@pytest.fixture
def model(linear_generator):
    return pretrained.Pretrained(linear_generator, None, Normal(4), {})


@pytest.mark.parametrize("basis", [sensing.cosines, sensing.wavelets])
@pytest.mark.parametrize("shape", [(28, 28, 1), (16, 16, 3)])
def test_a_basis_is_orthonormal(basis, shape):
    x = np.random.default_rng(0).random((3, *shape))
    w, back = basis(x)
    assert w.shape == (3, np.prod(shape)) and np.allclose(back(w), x)
    assert np.allclose(np.sum(w**2, axis=1), np.sum(x**2, axis=(1, 2, 3)))


def test_wavelets_are_haars():
    w, _ = sensing.wavelets(np.array([[[[1.0], [0.0]], [[0.0], [0.0]]]]))
    assert np.allclose(np.abs(w), 0.5), "one pixel of four is each of the four functions by half"


@pytest.mark.parametrize("basis", [sensing.cosines, sensing.wavelets])
def test_lasso_finds_what_is_sparse(basis):
    _, back = basis(np.zeros((1, 16, 16, 1)))
    w = np.zeros((1, 256))
    w[0, [0, 3, 40]] = 8.0, 1.0, -1.0
    x = back(w)
    A = np.random.default_rng(0).normal(0, 40**-0.5, (256, 40))
    found = sensing.by_lasso(basis, A, x.reshape(1, -1) @ A, (16, 16, 1))
    assert found.shape == (10, 1, 16, 16, 1)
    assert np.abs(found[0]).max() < 1e-9, "the strongest penalty leaves nothing"
    assert sensing.errors(found, x).min() < 1e-4 and sensing.errors(found, x)[0] == pytest.approx(np.mean(x**2))


def test_of_images_that_it_drew_a_generator_needs_fewer_sums(model):
    z = np.asarray(model.prior.sample(5, 3))
    x = {"validation": predict(model.generator, z[:2]), "test": predict(model.generator, z[2:])}
    row = sensing.point(model, x, 12, 1e-3)
    assert row["misfit"] == min(sensing.MISFITS) and np.shape(row["generator"]) == (3,)
    assert np.all(np.array(row["generator"]) < 0.02 * np.minimum(row["cosines"], row["wavelets"]))


def test_what_is_measured_is_kept(tmp_path, monkeypatch, model):
    class Images:
        images = predict(model.generator, model.prior.sample(8, 4))

    monkeypatch.setattr(files, "ASSETS", tmp_path)
    monkeypatch.setattr(pretrained, "load", lambda name: model)
    monkeypatch.setattr(sensing, "load_images", lambda name, split: Images)
    monkeypatch.setattr(sensing, "KINDS", {"drawn": ("any", "any", 1e-3, (6, 12))})
    (tmp_path / "results").mkdir()
    sensing.main()
    written = (tmp_path / "results" / "07_sensing.json").read_text()
    found = json.loads(written)["kinds"]["drawn"]
    assert list(found) == ["mean image", "6", "12"] and len(found["12"]["generator"]) == 8
    assert np.mean(found["mean image"]) == pytest.approx(
        np.mean((Images.images - Images.images[:3].mean(axis=0)) ** 2), rel=1e-5
    )
    monkeypatch.delattr(sensing, "point")
    sensing.main()  # what is done is not done again
    assert (tmp_path / "results" / "07_sensing.json").read_text() == written
