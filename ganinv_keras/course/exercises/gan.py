"""Checks of page 01: the hinge loss, what is left of d_loss at best, and a discriminator trained to its end."""

import numpy as np
from scipy.special import entr, rel_entr

from ganinv_keras.course.exercises.report import Mistake, array, compare, exercise, expect, unpack


def _softplus(r):
    return np.logaddexp(0, r)


@exercise("01")
def check_hinge(hinge):
    """`hinge(real_realness, fake_realness)` is `(d_loss, g_loss)` of the hinge loss, two scalars."""
    real, fake = np.array([[3.5], [0.5], [-1.0], [2.2]], "float32"), np.array([[-3.0], [0.1], [0.7], [-0.4]], "float32")
    on_real, on_fake = np.maximum(0, 1 - real), np.maximum(0, 1 + fake)
    least_d, least_g = on_real.mean() + on_fake.mean(), -fake.mean()
    d_loss, g_loss = map(array, unpack(hinge(real.copy(), fake.copy()), "d_loss", "g_loss"))
    compare(d_loss, least_d, {
        "The order: d_loss comes first.": least_g,
        "No image costs less than 0: take the maximum with 0 before the mean.": np.mean(1 - real) + np.mean(1 + fake),
        "Take the maximum for each image and the mean then, not the maximum of the mean.":
            max(0, np.mean(1 - real)) + max(0, np.mean(1 + fake)),
        "The signs are exchanged: real images cost max(0, 1 - r), generated ones max(0, 1 + r).":
            np.maximum(0, 1 + real).mean() + np.maximum(0, 1 - fake).mean(),
        "d_loss has two terms: that of the generated images is missing.": on_real.mean(),
        "d_loss has two terms: that of the real images is missing.": on_fake.mean(),
        "d_loss is the sum of two means; yours is the mean over both batches together.": least_d / 2,
        "Take the mean over the batch; yours is the sum, in d_loss.": on_real.sum() + on_fake.sum(),
        "Take the mean over the batch: d_loss is a scalar.": on_real + on_fake,
        "The margin of 1 is missing: an image on the right side still costs something until |r| is 1.":
            np.maximum(0, -real).mean() + np.maximum(0, fake).mean(),
        "That is the squared hinge: leave the squares out.": np.mean(on_real**2) + np.mean(on_fake**2),
        "That is the non-saturating d_loss, with a softplus where the hinge has a maximum.":
            _softplus(-real).mean() + _softplus(fake).mean(),
    }, f"For the check's eight images d_loss is {least_d:.3f}, you return {d_loss.ravel()[:4].round(3)}.")  # fmt: skip
    compare(g_loss, least_g, {
        "The sign of g_loss: the generator wants a high realness, so its loss is minus the mean.": fake.mean(),
        "The hinge is for the discriminator alone: g_loss is minus the mean of fake_realness.":
            np.maximum(0, 1 - fake).mean(),
        "g_loss knows the generated images only; you took the real ones.": -real.mean(),
        "Take the mean over the batch; yours is the sum, in g_loss.": -fake.sum(),
        "Take the mean over the batch: g_loss is a scalar.": -fake,
        "That is the non-saturating g_loss; the hinge loss has minus the mean of fake_realness.":
            _softplus(-fake).mean(),
    }, f"g_loss is minus the mean of fake_realness: {least_g:.3f}, not {g_loss.ravel()[:4].round(3)}.")  # fmt: skip


@exercise("01")
def check_lowest_d_loss(lowest_d_loss):
    """`lowest_d_loss(p, q)` is the least d_loss that a discriminator can reach; `p`, `q` have shape `(k,)`."""
    p, q = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.1, 0.3, 0.2, 0.4])
    on_real, on_fake = entr(p) + p * np.log(p + q), entr(q) + q * np.log(p + q)  # -p log D and -q log(1 - D) at best
    divergence = np.log(2) - (on_real + on_fake).sum() / 2
    log_4, expected = np.log(4), (on_real + on_fake).sum()
    found = array(lowest_d_loss(p.copy(), q.copy()))
    compare(found, expected, {
        "0 · log 0 counts as 0, its limit: where p or q is 0, yours is not a number.": np.nan,
        "That is the value of the game, which D makes as large as it can; d_loss is minus it.": -expected,
        "log 4 is left where p = q; a discriminator that sees a difference does better.": log_4,
        "The Jensen–Shannon divergence counts twice.": log_4 - divergence,
        "The sign of the divergence: the more p and q differ, the lower the loss.": log_4 + 2 * divergence,
        "That is the divergence alone: subtract it, twice, from log 4.": divergence,
        "That is twice the divergence: subtract it from log 4.": 2 * divergence,
        "That is log 4 minus a Kullback–Leibler divergence; p and q are both compared with their mean.":
            log_4 - rel_entr(p, q).sum(),
        "Natural logarithms, as in the loss; yours count bits.": expected / np.log(2),
        "d_loss is the sum of two expectations; yours is their mean.": expected / 2,
        "An expectation weighs each image by its probability; do not divide by k as well.": expected / len(p),
        "That is the best D, image by image: put it into d_loss.": p / (p + q),
        "Add the images up: d_loss is one number.": on_real + on_fake,
        "The term of the generated images, with q and 1 - D, is missing.": on_real.sum(),
        "The term of the real images, with p and D, is missing.": on_fake.sum(),
        "D and 1 - D are exchanged: real images, of probability p, cost -log D.": np.inf,
        "The best D is p / (p + q); p alone does not know how often the image is generated.":
            entr(p).sum() - q @ np.log(1 - p),
    }, "Put D = p / (p + q) into the two expectations: for the check's p and q that is "
       f"{expected:.3f}, you return {found.ravel()[:4].round(3)}.")  # fmt: skip
    apart = array(lowest_d_loss(np.array([1.0, 0.0]), np.array([0.0, 1.0])))
    compare(apart, np.zeros(()), {}, f"Where no image is both real and generated, D is never wrong and the loss is 0; "
            f"you return {apart:.3f}.")  # fmt: skip


@exercise("01")
def check_trained_discriminator(trained_discriminator):
    """`trained_discriminator(real, fake)` trains on numbers `(n, 1)` and returns D, a function `(n, 1)` → realness.

    Real numbers are N(0, 1) and generated ones N(shift, 1), so that the best realness is a straight line,
    `log p/q = shift²/2 - shift x`.
    """
    for shift in (1.5, -1.0):
        draw = np.random.default_rng(0)
        real, fake = (draw.normal(mean, 1, (4096, 1)).astype("float32") for mean in (0.0, shift))
        discriminator = trained_discriminator(real, fake)
        expect(discriminator is not None, "It returns nothing: end the function with `return discriminator`.")
        expect(callable(discriminator), "Return the trained discriminator itself, which takes numbers (n, 1) and "
               f"answers realness; yours is a {type(discriminator).__name__}.")  # fmt: skip
        x = np.linspace(shift / 2 - 1.5, shift / 2 + 1.5, 31)[:, None]
        realness = array(discriminator(x.astype("float32")))
        expect(realness.size == len(x), f"One realness for each of {len(x)} numbers, you return {realness.shape}.")
        try:
            _compare_realness(realness.ravel(), (shift**2 / 2 - shift * x).ravel())
        except Mistake as mistake:
            expect(shift > 0, "It was right for one pair of data sets and is not for a second: start from new weights "
                   "and train on the numbers that are given.")  # fmt: skip
            raise mistake


def _compare_realness(realness, best):
    """Accept a realness near its best values, a line through 0 in the middle, and tell the likely mistakes apart."""
    expect(np.isfinite(realness).all(), "Its realness is NaN or infinite: the training diverged, use smaller steps.")
    if np.abs(realness - best).mean() < 0.15:
        return
    slope, middle = best @ realness / (best @ best), realness.mean()
    saturated = np.abs(realness).max() < 0.8 * slope * best.max()
    expect(slope < 1.3, "It is steeper than log p/q: nothing bounds it. Is there a sigmoid before the loss, which has "
           "its own, or is it the Wasserstein loss?")  # fmt: skip
    expect(slope > -0.3 or middle < 1, "It calls generated numbers real: you minimised g_loss, D's loss is d_loss.")
    expect(slope > -0.3, "It has real and generated numbers exchanged: the real ones come first in the loss.")
    expect(middle < 1, "It calls everything real: d_loss needs the term of the generated numbers too.")
    expect(middle > -1, "It calls everything generated: d_loss needs the term of the real numbers too.")
    expect(np.ptp(realness) > 1e-3, "It gives every number the same realness: do the gradients reach its weights?")
    expect(abs(middle - 0.5) > 0.1, "Those are probabilities, ½ where p = q; realness is 0 there. Leave out the "
           "sigmoid, and take no squared error, which learns the probability.")  # fmt: skip
    expect(slope < 0.5 or not saturated, "It flattens near ±1: so does the hinge loss, which learns only the sign of "
           "log p/q. Take the non-saturating one.")  # fmt: skip
    expect(slope > 0.9, f"It leans to the right side, but has {max(slope, 0):.0%} of the slope of log p/q: train "
           "longer, or with larger steps, until d_loss falls no more.")  # fmt: skip
    raise Mistake(f"On average it is {np.abs(realness - best).mean():.2f} away from log p/q: a line is all it needs, "
                  "one dense layer.")  # fmt: skip
