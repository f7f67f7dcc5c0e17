"""The Jacobian of a functional model, by pushing tangents through its layers."""

from typing import NamedTuple

import keras
import tensorflow as tf
from keras import activations, layers

from ganinv_keras.networks.layers import Blur, EqualizedConv2D, EqualizedDense, LatentScale, PixelShuffle
from ganinv_keras.networks.spherical import NormalQuantile

MULTIPLY = {layers.Conv2D, layers.Conv2DTranspose, layers.Dense, EqualizedConv2D, EqualizedDense}
ARRANGE = {layers.Add, layers.AveragePooling2D, layers.Concatenate, layers.Cropping2D, layers.Flatten, layers.Permute,
           layers.Reshape, layers.UpSampling2D, layers.ZeroPadding2D, Blur, PixelShuffle}  # fmt: skip
ELEMENTWISE = {layers.BatchNormalization, layers.Dropout, layers.ELU, layers.LeakyReLU, layers.ReLU, layers.Rescaling,
               LatentScale, NormalQuantile}  # fmt: skip
ACTIVATIONS = [getattr(activations, name) for name in ("elu", "gelu", "leaky_relu", "linear", "relu", "selu",
                                                        "sigmoid", "silu", "softplus", "tanh")]  # fmt: skip


class _Dual(NamedTuple):
    """What a layer makes of z, and its derivative along each element of z.

    The derivative is `tangents * factor`: a product that is put off until a layer needs it.
    """

    primal: tf.Tensor  # (n, …)
    tangents: tf.Tensor  # (n, d, …), or (1, d, …) while they are the same for all n
    factor: tf.Tensor | None  # (n, …)

    def product(self):
        """Return the derivative itself, `(n, d, …)`, or `(1, d, …)` while it is the same for all n."""
        if self.factor is None:
            return self.tangents
        return self.tangents * tf.cast(self.factor, self.tangents.dtype)[:, None]


def jacobian(generator, z, half=None, label=None):
    """Differentiate all pixels by all elements of z, in forward mode, in one walk through the layers.

    A layer that multiplies by a matrix or arranges pixels anew maps the tangents of an image as so many more images,
    without its bias. A layer that treats each element for itself multiplies all of an image's tangents by its
    derivative there, which is computed once an image. Any other layer is left to TensorFlow's forward accumulator,
    and so is a model that is more than layers called once.

    Args:
        generator: a Keras model from z to images, m values each. It is differentiated at inference.
        z: float32 tensor of shape `(n, d)`.
        half: a copy of the generator in `mixed_bfloat16`, whose layers then map the tangents: to two decimals, enough
            for the direction of a step, in less time where the device multiplies bfloat16. Defaults to None.
        label: for a generator that takes a class beside z, that in one-hot code, `(n, K)`. Defaults to None.

    Returns:
        A float32 tensor of shape `(n, d, m)`: row i is `∂G(z)/∂z_i`, so that it holds `Jᵀ` of the usual J.

    Raises:
        TypeError: if the generator's output does not depend on z by operations that TensorFlow can differentiate.
    """
    n, d = z.shape
    duals = [_Dual(z, tf.eye(d)[None], None)]
    if label is not None:
        duals.append(_Dual(label, tf.zeros((1, d, label.shape[1])), None))
    graph = keras.Model(generator.inputs, generator.outputs)
    steps = _steps(graph)
    if steps is None:
        dual = _by_accumulator(lambda z, y=None: generator(z if y is None else [z, y], training=False), duals)
    else:
        known = {id(tensor): dual for tensor, dual in zip(graph.inputs, duals, strict=True)}
        for layer, taken, made in steps:
            known[made] = _apply(layer, [known[key] for key in taken], half and half.get_layer(layer.name))
        dual = known[id(graph.outputs[0])]
    derivative = tf.cast(dual.product(), "float32")
    return tf.reshape(tf.broadcast_to(derivative, (n, *derivative.shape[1:])), (n, d, -1))


def _steps(graph):
    """List the layers of a model as `(layer, ids of what it takes, id of what it makes)`, or return None."""
    steps, made = [], {id(tensor) for tensor in graph.inputs}
    for layer in graph.operations:
        if isinstance(layer, layers.InputLayer):
            continue
        # Keras tells what a layer took and made when it was called first: what a second call made is not in `made`.
        taken = [id(tensor) for tensor in keras.tree.flatten(layer.input)]
        if not isinstance(layer, layers.Layer) or not made.issuperset(taken):
            return None
        made.add(id(layer.output))
        steps.append((layer, taken, id(layer.output)))
    return steps if id(graph.outputs[0]) in made else None


def _apply(layer, duals, half):
    """Push duals through a layer."""
    one, several = duals[0], isinstance(layer.input, (list, tuple))
    primals = [dual.primal for dual in duals] if several else one.primal
    activation = getattr(layer, "activation", activations.linear)
    if type(layer) in ELEMENTWISE or (type(layer) is layers.Activation and activation in ACTIVATIONS):
        with tf.GradientTape() as tape:
            tape.watch(primals)
            y = layer(primals, training=False)
        derivative = tape.gradient(y, primals)
        return _Dual(y, one.tangents, derivative if one.factor is None else one.factor * derivative)
    if type(layer) not in MULTIPLY | ARRANGE or activation is not activations.linear:
        return _by_accumulator(lambda *rows: layer(list(rows) if several else rows[0]), duals)
    products = [dual.product() for dual in duals]
    n = max(product.shape[0] for product in products)
    rows = [tf.reshape(tf.broadcast_to(p, (n, *p.shape[1:])), (-1, *p.shape[2:])) for p in products]
    y = (half or layer)(rows if several else rows[0])
    if type(layer) in MULTIPLY and layer.bias is not None:
        y -= tf.cast(layer.bias, y.dtype)
    return _Dual(layer(primals), tf.reshape(y, (n, -1, *y.shape[1:])), None)


def _by_accumulator(call, duals):
    """Push duals through anything that TensorFlow can differentiate: each primal once for each of its tangents."""
    n, d = duals[0].primal.shape[0], duals[0].tangents.shape[1]
    rows = [tf.repeat(dual.primal, d, axis=0) for dual in duals]
    tangents = [
        tf.reshape(tf.broadcast_to(tf.cast(p, x.dtype), (n, *p.shape[1:])), x.shape)
        for p, x in zip([dual.product() for dual in duals], rows, strict=True)
    ]
    with tf.autodiff.ForwardAccumulator(rows, tangents) as accumulator:
        y = call(*rows)
    derivative = accumulator.jvp(y)
    if derivative is None:
        raise TypeError("its output is not differentiable by z")
    return _Dual(call(*(dual.primal for dual in duals)), tf.reshape(derivative, (n, d, *y.shape[1:])), None)
