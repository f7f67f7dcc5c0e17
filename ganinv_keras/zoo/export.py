"""Export what ships for others: `.keras` files of Keras's own layers, for which this course need not be there.

Keras opens them on TensorFlow or JAX: `keras.models.load_model("mnist-uniform-generator.keras")`.
"""

import argparse

import keras
from keras import layers, ops

from ganinv_keras import files
from ganinv_keras.networks.layers import Blur, EqualizedConv2D, EqualizedDense, PixelShuffle
from ganinv_keras.store import WEIGHTS
from ganinv_keras.zoo import pretrained


def plain(model):
    """Return a model that computes the same with Keras's own layers alone.

    Equalised layers become dense layers and convolutions with the weights that they would have after scaling, and a
    `Blur` a depthwise convolution. What the other layers of the course do is written out in `keras.ops`.

    Args:
        model: a functional Keras model of the course's and Keras's layers.
    """
    weights = {}

    def clone(layer):
        kind, options = _KINDS.get(type(layer), (type(layer), type(layer).get_config))
        exact = {"dtype": "float32"} if isinstance(layer, layers.Layer) else {}  # an operation of `keras.ops` has none
        new = kind.from_config(options(layer) | exact | {"name": layer.name})
        weights[new] = layer
        return new

    def call(layer, *arguments, **keywords):
        if type(layer) is PixelShuffle:
            return _shuffled(layer.scale, *arguments)
        if type(layer).__module__.startswith("ganinv_keras"):
            layer.build(arguments[0].shape)
            layer.set_weights(weights[layer].get_weights())
            return layer.call(*arguments)
        return layer(*arguments, **keywords)

    made = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for new, old in weights.items():
        if type(new) is not type(old):
            new.set_weights(_folded(old))
        elif new in made.layers:
            new.set_weights(old.get_weights())
    return made


def _convolution(layer):
    return {"filters": layer.units, "kernel_size": layer.kernel_size, "padding": "same"}


def _smoothing(layer):
    return {"kernel_size": len(layer.taps), "strides": layer.stride, "padding": "same", "use_bias": False}


_KINDS = {
    EqualizedDense: (layers.Dense, lambda layer: {"units": layer.units}),
    EqualizedConv2D: (layers.Conv2D, _convolution),
    Blur: (layers.DepthwiseConv2D, _smoothing),
}  # the course's layer → Keras's, and the options that it takes


def _folded(layer):
    """Return the weights of Keras's layer that does what one of the course does."""
    if isinstance(layer, Blur):
        return [layer.kernel(layer.input.shape[-1])]
    return [layer.kernel * layer.factor, layer.bias]


def _shuffled(scale, x):
    """Do what `PixelShuffle` does by `keras.ops`, which every backend has."""
    _, height, width, channels = x.shape
    x = ops.reshape(x, (-1, height, width, scale, scale, channels // scale**2))
    return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, scale * height, scale * width, channels // scale**2))


def shipped():
    """List the names of the models that ship."""
    return sorted(path.stem for path in WEIGHTS.glob("*.npz") if path.stem in pretrained.RECIPES)


def export(names, folder):
    """Write `<folder>/<name>-generator.keras` and `-encoder.keras` of models that ship, each whole or not at all.

    An encoder that was trained for another model's generator is written alone.

    Args:
        names: names of models, as of `pretrained.load`.
        folder: where to; it is made.

    Returns:
        The paths, a list.

    Raises:
        ValueError: if a name is unknown.
        PermissionError: if the folder cannot be made or written to.
    """
    folder, paths = files.make_folder(folder), []
    for name in names:
        made = pretrained.load(name)
        models = {"encoder": made.encoder} | ({} if "of" in made.settings else {"generator": made.generator})
        for part, model in models.items():
            if model is not None:
                paths.append(folder / f"{name}-{part}.keras")
                files.write_whole(paths[-1], plain(model).save)
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.zoo.export", description=__doc__)
    parser.add_argument("names", nargs="*", help="models; without one, all that ship")
    parser.add_argument("--out", default="outputs/keras", help="folder to write to; defaults to outputs/keras")
    arguments = parser.parse_args()
    for path in export(arguments.names or shipped(), arguments.out):
        print(path)
