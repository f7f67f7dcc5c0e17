"""How good a reconstruction is, image by image."""

import tensorflow as tf
from keras import ops

from ganinv_keras import losses


def mae(images, reconstructions):
    """Mean absolute pixel error of every image, a NumPy array of shape `(n,)`: 0 is perfect, images are in [0, 1]."""
    return ops.convert_to_numpy(losses.mae(images, reconstructions))


def psnr(images, reconstructions):
    """Peak signal-to-noise ratio of every image in dB, a NumPy array of shape `(n,)`, for images in [0, 1]."""
    return tf.image.psnr(images, reconstructions, max_val=1.0).numpy()


def z_error(z, z_hat):
    """Mean squared error of every recovered latent, a NumPy array of shape `(n,)`."""
    return ops.convert_to_numpy(ops.mean(ops.square(z - z_hat), axis=1))


def reconstruction_report(images, reconstructions):
    """Summarise reconstructions as the papers do, and as they should have.

    Args:
        images: images in [0, 1], shape `(n, height, width, channels)`.
        reconstructions: their reconstructions, of the same shape.

    Returns:
        A dictionary of floats: `mae` and `mae_std`, mean and standard deviation over the images of the mean absolute
        pixel error, and `psnr` in dB, the mean over the images; and `n`, the number of images.
    """
    errors = mae(images, reconstructions)
    return {
        "n": len(errors), "mae": float(errors.mean()), "mae_std": float(errors.std()),
        "psnr": float(psnr(images, reconstructions).mean()),
    }  # fmt: skip
