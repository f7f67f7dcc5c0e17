"""Edit images by their latents: the direction of a label, the way from image to image, and films of both."""

import imageio.v3 as imageio
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ganinv_keras import files
from ganinv_keras.checks import check_images, check_name, check_number, check_positive_integer
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.measures.inputs import as_array, check_batch, check_rows, invalid
from ganinv_keras.networks import paths
from ganinv_keras.networks.priors import Angular, Normal
from ganinv_keras.networks.spherical import CartesianToSpherical, SphericalToCartesian


def label_direction(z, labels):
    """Return the direction in which a label is read from latents: a linear probe.

    It is the weight vector of a logistic regression on standardised elements, in units of z, as long as the means of
    the two kinds of latents are apart along it: one step leads from a typical latent without the label to one with it.

    Args:
        z: latents, shape `(n, d)`.
        labels: whether the image of each has the label, n booleans.

    Returns:
        The direction, float32 of shape `(d,)`.

    Raises:
        ValueError: if these are not finite numbers and booleans of such shapes, or the labels are all the same.
    """
    z = check_rows(z, "z", least=2)
    has, received = as_array(labels, "labels")
    if has.shape != (len(z),) or has.dtype != bool or has.all() or not has.any():
        raise invalid("labels", f"{len(z)} booleans, some of them True and some False", received)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(z, has)
    weights = probe[1].coef_[0] / np.maximum(probe[0].scale_, 1e-12)
    unit = weights / np.linalg.norm(weights)
    return (unit * (unit @ (z[has].mean(axis=0) - z[~has].mean(axis=0)))).astype("float32")


def walk(prior, z_1, z_2, n):
    """Return n latents from one to another, ends included, that stay where the prior draws.

    For a `Normal` prior it is `slerp`, for angles the arc between their points on the sphere, else a straight line.

    Args:
        prior: what the generator's z is drawn from.
        z_1: the first latent, shape `(d,)`.
        z_2: the last one, shape `(d,)`.
        n: how many, 2 at least.

    Returns:
        Float32 of shape `(n, d)`.

    Raises:
        ValueError: if n is less than 2, and as `paths.slerp` and `paths.line`.
    """
    mu = np.linspace(0, 1, check_positive_integer(n, "n", least=2))
    if isinstance(prior, Angular):
        ends = SphericalToCartesian()(np.stack([z_1, z_2])).numpy()
        return CartesianToSpherical()(paths.slerp(*ends, mu)).numpy()
    return (paths.slerp if isinstance(prior, Normal) else paths.line)(z_1, z_2, mu)


def morph(inverter, prior, images, n=24, **kwargs):
    """Draw the way from image to image: invert them, walk from latent to latent, and draw what lies there.

    Args:
        inverter: any inverter of this course, of whole images.
        prior: what its generator's z is drawn from.
        images: the images in their order, two at least, float32 in [0, 1] of shape `(k, height, width, channels)`.
        n: frames from one image to the next, both included. Defaults to 24.
        **kwargs: arguments of `inverter.invert`.

    Returns:
        The frames, float32 in [0, 1] of shape `((k - 1) · n, height, width, channels)`.

    Raises:
        ValueError: if there are fewer than two images, and as `walk` and `inverter.invert`.
    """
    generator = getattr(inverter, "inverter", inverter).generator
    if len(images := check_images(images, generator.output_shape[1:])) < 2:
        raise invalid("images", "two images at least", images.shape)
    z = inverter.invert(images, **kwargs).z
    ways = [walk(prior, *pair, n) for pair in zip(z, z[1:], strict=False)]
    return predict(generator, np.concatenate(ways).astype("float32"))


def film(frames, path, seconds=3.0, zoom=4):
    """Write frames as a film that turns round at its end: a looping `.gif`, or an `.mp4` (H.264, for any browser).

    Args:
        frames: images in [0, 1], two at least, of shape `(n, height, width, 1 or 3)`.
        path: where to; its ending says which.
        seconds: how long the way there takes, 0.1 to 600. Defaults to 3.
        zoom: factor by which pixels are enlarged. Defaults to 4.

    Returns:
        `path`.

    Raises:
        ValueError: if the ending, the frames or a number are none of those.
        PermissionError: if the folder is missing or cannot be written to.
    """
    frames, zoom = check_batch(frames, "frames"), check_positive_integer(zoom, "zoom")
    kind = check_name(str(path)[-4:].lower(), (".gif", ".mp4"), "ending of a film")
    if len(frames) < 2 or frames.shape[-1] not in (1, 3):
        raise invalid("frames", "two images at least, with 1 channel or 3", frames.shape)
    rate = len(frames) / check_number(seconds, "seconds", 0.1, 600)
    pixels = np.concatenate([frames, frames[-2:0:-1]]).clip(0, 1)
    pixels = np.repeat(np.repeat((255 * pixels).round().astype("uint8"), zoom, axis=1), zoom, axis=2)
    pixels = np.broadcast_to(pixels, (*pixels.shape[:3], 3))
    options = {"duration": 1000 / rate, "loop": 0}
    if kind == ".mp4":  # its colours want an even number of rows and columns
        pixels = np.pad(pixels, [(0, 0), *((0, side % 2) for side in pixels.shape[1:3]), (0, 0)], "edge")
        options = {"plugin": "pyav", "codec": "libx264", "fps": max(1, round(rate))}
    files.write_whole(path, lambda temporary: imageio.imwrite(temporary, pixels, **options))
    return path
