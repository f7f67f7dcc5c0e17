"""The Jacobian of a functional model, by pushing tangents through its layers: each layer does only what is linear in it."""

import keras
import tensorflow as tf
from keras import layers

from ganinv_keras.networks.layers import Blur, EqualizedConv2D, EqualizedDense, LatentScale, PixelShuffle
from ganinv_keras.networks.spherical import NormalQuantile

# What a layer is to a tangent: linear but for a bias, or an own factor for every element. Subclasses may be anything.
AFFINE = {layers.Add, layers.AveragePooling2D, layers.Concatenate, layers.Conv2D, layers.Conv2DTranspose, layers.Cropping2D,
          layers.Dense, layers.Flatten, layers.Permute, layers.Reshape, layers.UpSampling2D, layers.ZeroPadding2D, Blur,
          EqualizedConv2D, EqualizedDense, PixelShuffle}  # fmt: skip
ELEMENTWISE = {layers.BatchNormalization, layers.Dropout, layers.ELU, layers.LeakyReLU, layers.ReLU, layers.Rescaling,
               LatentScale, NormalQuantile}  # fmt: skip
ACTIVATIONS = {keras.activations.get(name) for name in
               ("elu", "gelu", "leaky_relu", "linear", "relu", "selu", "sigmoid", "silu", "softplus", "tanh")}  # fmt: skip


def jacobian(model, z):
    """Differentiate all outputs of a model by all elements of z, all at once.

    A layer that is affine maps the d tangents of every image as so many more images, without its bias. A layer that
    works on each element for itself multiplies them by its derivative at the primal, which is computed once for an
    image and not once for a tangent; such factors are gathered until the next affine layer needs their product. Any
    other layer is left to TensorFlow's forward accumulators.

    Args:
        model: a functional Keras model with one input and one output, at inference.
        z: float32 tensor of shape `(n, d)`.

    Returns:
        A tensor of shape `(n, d, m)`: row i is `∂G(z)/∂z_i`, so that it holds `Jᵀ` of the usual J.

    Raises:
        TypeError: if the output does not depend on z by operations that TensorFlow can differentiate.
    """
