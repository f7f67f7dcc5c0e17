"""The checks of page 03b take what is right however it is written, and have a hint for each likely mistake."""

import numpy as np
from keras import ops
from scipy import stats

from ganinv_keras.course import exercises


def normalised(h, e, axes=(1, 2)):
    return (h - h.mean(axes, keepdims=True)) / np.sqrt(h.var(axes, keepdims=True) + e)


def test_own_normalised_takes_what_is_right():
    def by_keras(h, e):
        mean, variance = ops.moments(ops.convert_to_tensor(h), axes=(1, 2), keepdims=True)
        return (h - mean) / ops.sqrt(variance + e)

    for right in (normalised, by_keras):
        assert exercises.check_own_normalised.judge(right).mark == "right"


def test_own_normalised_names_mistakes(assert_named):
    def parts(h):
        return h - h.mean((1, 2), keepdims=True), h.var((1, 2), keepdims=True)

    wrong = {
        "nothing": lambda h, e: None,
        "batch": lambda h, e: normalised(h, e, (0, 1, 2)),
        "channels too": lambda h, e: normalised(h, e, (1, 2, 3)),
        "channels": lambda h, e: normalised(h, e, (3,)),
        "all": lambda h, e: normalised(h, e, (0, 1, 2, 3)),
        "images": lambda h, e: normalised(h, e, (0,)),
        "no epsilon": lambda h, e: normalised(h, 0),
        "outside": lambda h, e: parts(h)[0] / (np.sqrt(parts(h)[1]) + e),
        "squared": lambda h, e: normalised(h, e**2),
        "variance": lambda h, e: parts(h)[0] / (parts(h)[1] + e),
        "no mean": lambda h, e: h / np.sqrt(parts(h)[1] + e),
        "mean only": lambda h, e: parts(h)[0],
        "sign": lambda h, e: -normalised(h, e),
        "one less": lambda h, e: parts(h)[0] / np.sqrt(h.var((1, 2), ddof=1, keepdims=True) + e),
        "times": lambda h, e: parts(h)[0] * np.sqrt(parts(h)[1] + e),
        "one image": lambda h, e: normalised(h, e)[0],
    }
    assert_named(exercises.check_own_normalised, wrong, {
        "nothing": "return", "batch": "of the batch", "channels too": "over the channels, too",
        "channels": "channels of a pixel", "all": "for all", "images": "over the images", "no epsilon": "is missing",
        "outside": "under the root", "squared": "not squared", "variance": "by the variance",
        "no mean": "not subtracted", "mean only": "Only the mean", "sign": "sign", "one less": "one less",
        "times": "Multiply", "one image": "shape",
    })  # fmt: skip


def probability(level, guess, d):
    reach = np.sqrt(level * d)
    return stats.chi.cdf(guess + reach, d) - stats.chi.cdf(guess - reach, d)


def test_luck_takes_what_is_right():
    def by_chi2(level, guess, d):
        low, high = max(0, guess - (level * d) ** 0.5), guess + (level * d) ** 0.5
        return stats.chi2.cdf(high**2, d) - stats.chi2.cdf(low**2, d)

    for right in (probability, by_chi2, lambda *given: np.float32(probability(*given))):
        assert exercises.check_luck.judge(right).mark == "right"


def test_luck_names_mistakes(assert_named):
    def within(low, high, d):
        return stats.chi.cdf(high, d) - stats.chi.cdf(low, d)

    wrong = {
        "nothing": lambda *_: None,
        "no d": lambda level, g, d: within(g - level**0.5, g + level**0.5, d),
        "no root": lambda level, g, d: within(g - level * d, g + level * d, d),
        "above only": lambda level, g, d: within(g, g + (level * d) ** 0.5, d),
        "below only": lambda level, g, d: within(g - (level * d) ** 0.5, g, d),
        "missed": lambda *given: 1 - probability(*given),
        "mean length": lambda level, g, d: probability(level, d**0.5, d),
        "one end": lambda level, g, d: stats.chi.cdf(g + (level * d) ** 0.5, d),
        "chi2": lambda level, g, d: np.diff(stats.chi2.cdf([g - (level * d) ** 0.5, g + (level * d) ** 0.5], d))[0],
        "normal": lambda level, g, d: np.diff(stats.norm.cdf([g - (level * d) ** 0.5, g + (level * d) ** 0.5], d**0.5))[
            0
        ],
        "freedom": lambda level, g, d: within(g - (level * d) ** 0.5, g + (level * d) ** 0.5, d - 1),
        "density": lambda level, g, d: 2 * (level * d) ** 0.5 * stats.chi.pdf(g, d),
        "root first": lambda level, g, d: probability(level**0.5, g, d),
        "percent": lambda *given: 100 * probability(*given),
        "hundred": lambda level, g, d: probability(level, g, 100),
        "half": lambda *given: probability(*given) / 2 + 0.001,
    }
    assert_named(exercises.check_luck, wrong, {
        "nothing": "return", "no d": "mean over the d", "no root": "E is a square", "above only": "too short, too",
        "below only": "too long, too", "missed": "to miss", "mean length": "around the mean", "one end": "subtract",
        "chi2": "χ²", "normal": "too wide", "freedom": "degrees", "density": "density", "root first": "no root",
        "percent": "percentage", "hundred": "come with the call", "half": "it is",
    })  # fmt: skip


def counted(errors, level):
    below = np.asarray(errors) < level
    return below.any(0).mean(), below[-1].mean()


def test_successes_takes_what_is_right():
    for right in (counted, lambda e, level: [float((np.min(e, 0) < level).mean()), np.mean(e[-1] < level)]):
        assert exercises.check_successes.judge(right).mark == "right"


def test_successes_names_mistakes(assert_named):
    def ever(e, level):
        return counted(e, level)[0]

    def end(e, level):
        return counted(e, level)[1]

    wrong = {
        "nothing": lambda e, level: None,
        "one value": lambda e, level: ever(e, level),
        "exchanged": lambda e, level: counted(e, level)[::-1],
        "numbers": lambda e, level: (len(e[0]) * ever(e, level), len(e[0]) * end(e, level)),
        "percent": lambda e, level: (100 * ever(e, level), 100 * end(e, level)),
        "steps": lambda e, level: ((e < level).any(1).mean(), end(e, level)),
        "all of them": lambda e, level: ((e < level).mean(), end(e, level)),
        "all": lambda e, level: ((e < level).all(0).mean(), end(e, level)),
        "first row": lambda e, level: (ever(e, level), (e[0] < level).mean()),
        "latched twice": lambda e, level: (ever(e, level), ever(e, level)),
        "honest twice": lambda e, level: (end(e, level), end(e, level)),
        "above": lambda e, level: ((e >= level).any(0).mean(), (e >= level)[-1].mean()),
        "last latent": lambda e, level: (ever(e, level), (e[:, -1] < level).mean()),
        "at the level": lambda e, level: ((e <= level).any(0).mean(), end(e, level)),
        "mean error": lambda e, level: (float((e.mean(1) < level).any()), float(e[-1].mean() < level)),
        "arrays": lambda e, level: ((e < level).any(0), e[-1] < level),
        "a tenth": lambda e, level: counted(e, 0.1),
    }
    assert_named(exercises.check_successes, wrong, {
        "nothing": "return", "one value": "Return 2 values", "exchanged": "exchanged", "numbers": "numbers of latents",
        "percent": "percentages", "steps": "share of steps", "all of them": "all steps and latents",
        "all": "any, not all",
        "first row": "last row", "latched twice": "latched again", "honest twice": "Both are counted", "above": "above",
        "last latent": "not the last latent", "at the level": "level itself", "mean error": "mean error",
        "arrays": "one number", "a tenth": "come with the call",
    })  # fmt: skip
