"""Find out why inverting a generator fails: what is wrong with the generator, with the images, or with the encoder.

The yardstick is a thousand images that the generator draws. An image that it could draw is about as far from the
nearest of them as they are from each other.
"""

import numpy as np
import tensorflow as tf
from scipy import stats
from sklearn.metrics import pairwise_distances

from ganinv_keras import checks
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.inversion.latent_optimizer import LatentOptimizer
from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.labels import draw, with_label
from ganinv_keras.measures import metrics
from ganinv_keras.measures.diagnosis import Diagnosis
from ganinv_keras.networks.priors import Normal

DRAWS, OWN, SEARCHED, STEPS = 1000, 8, 32, 200  # images drawn; of those and of others inverted, at most; steps
SIDE = 16  # pixels a side at which images are compared: by what is coarse in them
STRANGERS = 0.3  # share of images unlike all draws that is too many
DEAD = 1e-11  # share of the largest eigenvalue of JᵀJ below which a direction does nothing: what float32 resolves


def diagnose(generator, images, encoder=None, prior=None, seed=0):
    """Say what is wrong with a generator, with images that are to be inverted, or with an encoder.

    Of the generator: weights that are not finite; images outside [0, 1]; layers that draw at random, or use the
    statistics of the batch, though `training` is False; the same few images for every z; elements and directions of z
    that do nothing; gradients that lead nowhere. Of the images: type, range, shape, order of the axes; blank ones;
    negatives, images turned or mirrored, channels in the order BGR; images unlike all that the generator draws. Of the
    encoder: weights or answers that are not finite, and answers that are no better than the mean image. What is not
    found may still be wrong.

    Args:
        generator: a Keras model from z, `(n, d)`, and maybe a class in one-hot code, `(n, K)`, to images in [0, 1].
        images: what is to be inverted, an array `(n, height, width, channels)`; of eight or more something is said as
            a whole. An array that does not fit is a finding, not an error.
        encoder: a model from images to z. Defaults to None.
        prior: what z was drawn from in training. Defaults to `Normal(d)`.
        seed: seed of all draws. Defaults to 0.

    Returns:
        A `Diagnosis`.

    Raises:
        ValueError: if the generator is no Keras model of such inputs that makes images, the prior has another
            dimension, or the encoder does not fit the generator.
    """
    checks.check_model(generator, "generator", 2)
    checks.check_image_model(generator)
    prior = prior or Normal(generator.inputs[0].shape[1])
    checks.check_prior(prior, generator, 2)
    if encoder is not None:
        checks.check_encoder(encoder, generator)
    images, findings, reasons = _looked_at(images, generator.output_shape[1:])

    def only(finding):
        """Return a diagnosis with this as its last finding: what would come after it would mean nothing."""
        return Diagnosis((*findings, finding), tuple(reasons), {}, images)

    for what, model in {"generator": generator, "encoder": encoder}.items():
        if model is not None and not np.all([np.isfinite(weight).all() for weight in model.get_weights()]):
            return only(f"Weights of the {what} are not finite: its training exploded. Load an earlier checkpoint.")
    z, label = draw(generator, prior, DRAWS, seed)

    def drawn_by(rows):
        return predict(generator, with_label(z[rows], None if label is None else label[rows]))

    drawn = drawn_by(slice(None))
    about = _about_draws(drawn_by, drawn)
    if about:
        return only(about)
    try:
        J = jacobian(generator, z[:OWN], label=None if label is None else label[:OWN])
    except (LookupError, TypeError, ValueError) as error:
        return only(f"No gradient reaches z ({error}): look for a layer that has none, such as rounding.")
    if not np.any(J):
        return only("No gradient reaches z: a layer is saturated.")
    about, numbers, spectrum = _about_latents(np.asarray(J, "float64"))
    findings += about
    own = drawn[:OWN]
    searched = own if images is None else np.concatenate([own, images[:SEARCHED]])
    found = LatentOptimizer(generator, prior, "mse").invert(searched, STEPS, seed=seed + 1)
    psnr = metrics.psnr(searched, found.images)
    numbers["own images, PSNR in dB"] = float(np.median(psnr[:OWN]))
    before, after = (float(np.median(loss[:OWN])) for loss in (found.history["loss"][0], found.loss))
    if after > max(0.9 * before, 1e-6):
        findings.append("Gradient descent does not bring the generator's own images back: the gradient does not say "
                        "where they are. Look for a layer with a gradient of its own.")  # fmt: skip
    nearest = reconstructions = None
    if images is not None:
        about, why, nearest, distance = _about_images(images, drawn)
        findings, reasons = findings + about, [a or b for a, b in zip(reasons, why, strict=True)]
        reconstructions = found.images[OWN:]
        numbers["distance to the nearest draw, over that of a draw"] = distance
        numbers["these images, PSNR in dB"] = float(np.median(psnr[OWN:]))
        distance = float(metrics.ks_distance(found.z[OWN:], prior))
        numbers["their latents, Kolmogorov–Smirnov distance to the prior"] = distance
    if encoder is not None:
        findings += _about_encoder(encoder, lambda z_hat: predict(generator, with_label(z_hat, label)), drawn)
    return Diagnosis(tuple(findings), tuple(reasons), numbers, images, nearest, reconstructions, spectrum)


def _looked_at(images, image_shape):
    """Return images as the generator makes them, or None, what is wrong with them, and a reason or None for each."""
    try:
        images = checks.check_images(images, image_shape)
    except ValueError as error:
        try:
            values = np.asarray(images, "float32")
        except (TypeError, ValueError):
            values = np.empty(0)
        lost = [None if np.isfinite(image).all() else "it has values that are not finite" for image in values]
        return None, [f"The images cannot be inverted: {error}."], lost if values.ndim == 4 else []
    return images, [], ["all its pixels are alike" if np.ptp(image) < 1e-3 else None for image in images]


def _about_draws(drawn_by, drawn):
    """Say what is wrong with the images that a generator draws, or return None."""
    if not np.isfinite(drawn).all():
        return "The generator draws images that are not finite."
    low, high = (float(bound) for bound in np.quantile(drawn, [0.001, 0.999]))
    if low < -0.05 or high > 1.05:
        mend = "Rescaling(0.5, 0.5)" if high < 1.5 else f"Rescaling(1 / {255 if high < 256 else round(high)})"
        return (f"The generator draws images from {low:.2g} to {high:.2g}, and [0, 1] is expected: put a layer {mend} "
                "behind it.")  # fmt: skip
    spread = max(drawn.std(axis=0).mean(), 1e-3)
    eight = slice(8)
    if np.abs(drawn_by(eight) - drawn_by(eight)).mean() > 1e-3 * spread:
        return ("The generator draws another image of the same z each time: dropout or noise is on though training is "
                "False.")  # fmt: skip
    alone = np.concatenate([drawn_by(slice(i, i + 1)) for i in range(8)])
    if np.abs(alone - drawn[:8]).mean() > 1e-3 * spread:
        return ("The generator draws another image of a z that is alone than in a batch: batch normalisation uses the "
                "batch's statistics though training is False.")  # fmt: skip
    distances = pairwise_distances(_small(drawn[:200]))
    typical = np.median(distances)
    np.fill_diagonal(distances, np.inf)
    if spread <= 1e-3 or np.mean(distances.min(axis=1) < 0.02 * typical + 1e-6) > 0.5:
        return "The generator has collapsed: it draws the same few images whatever z is."
    return None


def _small(images):
    return tf.image.resize(images, (SIDE, SIDE), method="area").numpy().reshape(len(images), -1)


def _about_latents(J):
    """Say which elements and directions of z do nothing; return how many do something, and the spectrum of JᵀJ.

    Args:
        J: derivatives of images by z, transposed, `(n, d, values)`.
    """
    gram = J @ J.transpose(0, 2, 1)
    eigenvalues = np.linalg.eigvalsh(gram)[:, ::-1]
    relative = np.maximum(eigenvalues / eigenvalues[:, :1], DEAD / 10)
    numbers = {"directions of z that do something": float(np.median((relative > DEAD).sum(axis=1)))}
    strength = np.einsum("nii->i", gram)
    dead = np.flatnonzero(strength <= DEAD * strength.max())
    hidden = int((relative <= DEAD).sum(axis=1).min())
    if len(dead):
        names = ", ".join(map(str, dead[:10])) + (" …" if len(dead) > 10 else "")
        findings = [f"{len(dead)} of {len(strength)} elements of z do nothing, counted from 0: {names}. No inverter "
                    "can recover them."]  # fmt: skip
    else:
        findings = [f"Around any z, {hidden} of {len(strength)} directions do nothing, though each element does "
                    "something: only the others can be recovered."] * bool(hidden)  # fmt: skip
    return findings, numbers, np.exp(np.log(relative).mean(axis=0))


def _about_images(images, drawn):
    """Return findings, a reason or None for each image, the nearest draw of each, and the ratio of distances."""
    small = _small(drawn)
    among = pairwise_distances(small)
    np.fill_diagonal(among, np.inf)
    among, to_draws = among.min(axis=1), pairwise_distances(_small(images), small)
    distance = to_draws.min(axis=1)
    limit = 1.2 * np.quantile(among, 0.99)
    far = distance > limit
    reasons = ["it is farther from all that the generator draws than those are from each other" if one else None
               for one in far]  # fmt: skip
    findings = []
    if len(images) >= 8:
        view = _better_view(images, small, distance, limit)
        if view:
            findings = [f"The images look as if they were {view}: so they are like what the generator draws."]
        elif far.mean() > STRANGERS:
            findings = [f"{far.mean():.0%} of the images are unlike all that the generator draws: it was trained on "
                        "others, or they were prepared in another way."]  # fmt: skip
    return findings, reasons, drawn[to_draws.argmin(axis=1)], float(np.median(distance) / np.median(among))


def _better_view(images, small, distance, limit):
    """Name the change that brings images clearly nearer to what is drawn, and near enough, or return None.

    Changes between which these images do not decide are all named: a face is nearly its own mirror image.
    """
    views = {"negatives": 1 - images, "mirrored, left for right": images[:, :, ::-1],
             "turned upside down": np.rot90(images, 2, (1, 2)),
             "mirrored, top for bottom": images[:, ::-1]}  # fmt: skip
    if images.shape[1] == images.shape[2]:
        views["turned by 90° clockwise"] = np.rot90(images, 1, (1, 2))
        views["turned by 90° anticlockwise"] = np.rot90(images, 3, (1, 2))
    if images.shape[3] == 3:
        views["in the order blue, green, red"] = images[..., ::-1]
    nearer = {}
    for name, view in views.items():
        changed = pairwise_distances(_small(view), small).min(axis=1)
        gain = np.log(distance + 1e-6) - np.log(changed + 1e-6)
        if gain.mean() > max(0.1, 3 * stats.sem(gain)) and np.mean(changed > limit) <= STRANGERS:
            nearer[name] = gain
    best = max(nearer.values(), key=np.mean, default=None)
    alike = [name for name, gain in nearer.items() if np.mean(best - gain) <= 3 * stats.sem(best - gain)]
    return " or ".join(alike) or None


def _about_encoder(encoder, drawn_by, drawn):
    """Say what is wrong with an encoder's answers for a generator's own images."""
    z_hat = predict(encoder, drawn)
    if not np.isfinite(z_hat).all():
        return ["The encoder's answers are not finite."]
    error = np.mean((drawn_by(z_hat) - drawn) ** 2)
    if error > 0.9 * np.mean((drawn.mean(axis=0) - drawn) ** 2):
        return ["What the encoder answers is drawn no nearer to the image than the mean of all images is: it was "
                "trained for another generator, or on images prepared in another way."]  # fmt: skip
    return []
