"""What is exported is of Keras's own layers, and answers as the course's models do, on TensorFlow and on JAX."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from ganinv_keras.networks import layers as ours
from ganinv_keras.networks import spherical
from ganinv_keras.zoo import pretrained
from ganinv_keras.zoo.export import export, plain, shipped

ON_JAX = """
import sys, pathlib, keras, numpy as np
assert keras.backend.backend() == "jax" and "ganinv_keras" not in sys.modules
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.keras")):
    with np.load(path.with_suffix(".npz")) as file:
        found = keras.models.load_model(path)([file[name] for name in file.files])
        np.save(path.with_suffix(".npy"), np.asarray(found))
"""


def odd():
    """Return a model that has every layer of the course's that a shipped model may have."""
    z, image = keras.Input((7,)), keras.Input((4, 4, 4))
    h = ours.LatentScale()(z)
    h = ours.EqualizedDense(7, gain=1.0)(spherical.NormalQuantile()(keras.ops.sigmoid(h)))
    h = spherical.CartesianToSpherical()(spherical.SphericalToCartesian()(keras.ops.sigmoid(h)))
    x = ours.PixelShuffle(2)(ours.EqualizedConv2D(8, 3)(image))
    x = keras.layers.Flatten()(ours.Blur((1, 3, 3, 1), 2)(ours.Blur((1, 2, 1))(x)))
    model = keras.Model([z, image], keras.layers.Concatenate()([h, x]))
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0.1, 1, weight.shape) for weight in model.get_weights()])
    return model


def some(model):
    rng = np.random.default_rng(1)
    return [rng.random((3, *tensor.shape[1:]), "float32") for tensor in model.inputs]


def test_every_layer_of_the_course_is_written_out():
    model = odd()
    made = plain(model)
    assert all(type(layer).__module__.startswith("keras.") for layer in made.layers)
    assert np.allclose(made(some(model)), model(some(model)), atol=1e-6)


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["mnist-direction"], ["encoder", "generator"]),
        (["avatars-direct"], ["encoder"]),
        pytest.param(shipped(), None, marks=pytest.mark.slow),
    ],
    ids=["generator and encoder", "encoder alone", "all that ship"],
)
def test_exported_models_answer_alike_on_both_backends(tmp_path, names, parts):
    folder, expected = tmp_path / "keras", {}
    paths = export(names, folder)
    assert parts is None or [path.name for path in paths] == [f"{names[0]}-{part}.keras" for part in parts]
    for path in paths:
        name, _, part = path.stem.rpartition("-")
        model = getattr(pretrained.load(name), part)
        inputs = some(model)
        np.savez(path.with_suffix(".npz"), *inputs)
        inputs = inputs if len(inputs) > 1 else inputs[0]
        expected[path] = np.asarray(model(inputs))
        assert np.allclose(keras.models.load_model(path)(inputs), expected[path], atol=1e-5)
    elsewhere = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", ON_JAX, folder], env=elsewhere, check=True, cwd=tmp_path)
    for path, answer in expected.items():
        assert np.abs(np.load(path.with_suffix(".npy")) - answer).max() < 1e-5, path.name


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match="Unknown"):
        export(["no-model"], tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(PermissionError, match="Cannot make"):
        export(["mnist-plane"], tmp_path / "file")
