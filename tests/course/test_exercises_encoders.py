"""The checks of page 04 take what is right however it is written, and have a hint for each likely mistake."""

import imagehash
import numpy as np
from PIL import Image

from ganinv_keras.course import exercises


def bits(small):
    return np.diff(small, axis=1) > 0


def test_bits_take_what_is_right():
    def by_hand(small):
        return [int(row[i + 1] > row[i]) for row in small for i in range(8)]

    def by_the_library(small):
        return imagehash.dhash(Image.fromarray((small * 20).astype("uint8"))).hash

    for right in (bits, by_hand, by_the_library):
        assert exercises.check_difference_bits.judge(right).mark == "right"


def test_bits_name_mistakes(assert_named):
    wrong = {
        "nothing": lambda small: None,
        "darker": lambda small: np.diff(small, axis=1) < 0,
        "as bright": lambda small: np.diff(small, axis=1) >= 0,
        "above": lambda small: np.diff(small, axis=0) > 0,
        "around": lambda small: small > np.roll(small, 1, axis=1),
        "average": lambda small: small > small.mean(),
        "average of 64": lambda small: small[:, 1:] > small.mean(),
        "median": lambda small: small[:, 1:] > np.median(small),
        "differences": lambda small: np.diff(small, axis=1),
        "signs": lambda small: np.sign(np.diff(small, axis=1)),
        "different": lambda small: np.diff(small, axis=1) != 0,
        "columns": lambda small: bits(small).T,
        "turned": lambda small: bits(small)[:, ::-1],
        "few": lambda small: bits(small)[0],
    }
    assert_named(exercises.check_difference_bits, wrong, {
        "nothing": "return", "darker": "not darker", "as bright": "not as bright", "above": "pixel above",
        "around": "with the last", "average": "mean of all.", "average of 64": "first column left out",
        "median": "median", "differences": "differences", "signs": "signs", "different": "keep the sign",
        "columns": "down the columns", "turned": "turned around", "few": "64 bits",
    })  # fmt: skip


def answer(latents, p):
    z_hat = np.average(latents, axis=0, weights=p)
    return z_hat, np.average(((latents - z_hat) ** 2).mean(axis=1), weights=p)


def test_the_best_direct_answer_takes_what_is_right():
    def by_variance(latents, p):
        mean = p @ latents
        return list(mean), np.mean(p @ latents**2 - mean**2)

    for right in (answer, by_variance):
        assert exercises.check_best_direct_answer.judge(right).mark == "right"


def test_the_best_direct_answer_names_mistakes(assert_named):
    def error(change):
        return lambda latents, p: (answer(latents, p)[0], change(latents, p, answer(latents, p)[0]))

    def squares(latents, z_hat):
        return ((latents - z_hat) ** 2).mean(axis=1)

    wrong = {
        "nothing": lambda latents, p: None,
        "one value": lambda latents, p: p @ latents,
        "plain": lambda latents, p: (latents.mean(axis=0), 0.0),
        "most probable": lambda latents, p: (latents[p.argmax()], 0.0),
        "median": lambda latents, p: (np.median(latents, axis=0), 0.0),
        "divided": lambda latents, p: ((p[:, None] * latents).mean(axis=0), 0.0),
        "all": lambda latents, p: (latents, 0.0),
        "over elements": lambda latents, p: (p @ latents.mean(axis=1), 0.0),
        "root": lambda latents, p: (np.sqrt(p @ latents**2), 0.0),
        "zero": lambda latents, p: (np.zeros(2), 0.0),
        "plain error": error(lambda latents, p, z_hat: squares(latents, z_hat).mean()),
        "sum": error(lambda latents, p, z_hat: 2 * p @ squares(latents, z_hat)),
        "root of E": error(lambda latents, p, z_hat: np.sqrt(p @ squares(latents, z_hat))),
        "each": error(lambda latents, p, z_hat: squares(latents, z_hat)),
        "elements": error(lambda latents, p, z_hat: p @ (latents - z_hat) ** 2),
        "of nothing": error(lambda latents, p, z_hat: p @ squares(latents, 0 * z_hat)),
        "absolute": error(lambda latents, p, z_hat: p @ np.abs(latents - z_hat).mean(axis=1)),
        "first": error(lambda latents, p, z_hat: squares(latents, z_hat)[0]),
        "else": error(lambda latents, p, z_hat: 7.0),
        "elsewhere": lambda latents, p: (np.full(2, 7.0), 0.0),
    }
    assert_named(exercises.check_best_direct_answer, wrong, {
        "nothing": "return", "one value": "2 values", "plain": "plain mean", "most probable": "most probable latent:",
        "median": "median", "divided": "do not divide", "all": "one for each.", "over elements": "over the elements.",
        "root": "signs cancel", "zero": "of the prior", "plain error": "weighs the latents", "sum": "not a sum",
        "root of E": "took the root", "each": "one error for each", "elements": "mean over the elements is missing",
        "of nothing": "another image's", "absolute": "absolute", "first": "alone", "else": "you return 7.0",
        "elsewhere": "It is [",
    })  # fmt: skip


def test_the_errors_of_a_fold_take_what_is_right():
    def drawn(k, d):
        z = np.random.default_rng(0).uniform(-1, 1, (20_000, d))
        direct, guessed = z.copy(), z.copy()
        direct[:, :k] = 0
        guessed[:, :k] = np.abs(z[:, :k])
        return np.mean((z - direct) ** 2), np.mean((z - guessed) ** 2)

    for right in (drawn, lambda k, d: (k / d / 3, 2 * k / d / 3)):
        assert exercises.check_fold_errors.judge(right).mark == "right"


def test_the_errors_of_a_fold_name_mistakes(assert_named):
    wrong = {
        "nothing": lambda k, d: None,
        "one value": lambda k, d: k / d / 3,
        "arrays": lambda k, d: (np.zeros(d), np.zeros(d)),
        "swapped": lambda k, d: (2 * k / d / 3, k / d / 3),
        "all elements": lambda k, d: (1 / 3, 2 / 3),
        "always wrong": lambda k, d: (k / d / 3, 4 * k / d / 3),
        "half a square": lambda k, d: (k / d / 3, k / d / 6),
        "from 0 to 1": lambda k, d: (k / d / 12, k / d / 6),
        "no error": lambda k, d: (0.0, 2 * k / d / 3),
        "same image": lambda k, d: (k / d / 3, 0.0),
        "alike": lambda k, d: (k / d / 3, k / d / 3),
        "others": lambda k, d: ((1 - k / d) / 3, 2 * (1 - k / d) / 3),
        "sum": lambda k, d: (k / 3, 2 * k / 3),
        "root": lambda k, d: ((k / d / 3) ** 0.5, (2 * k / d / 3) ** 0.5),
        "absolute": lambda k, d: (k / d / 2, k / d / 2),
        "else": lambda k, d: (5.0, 7.0),
    }
    assert_named(exercises.check_fold_errors, wrong, {
        "nothing": "return", "one value": "2 values", "arrays": "Two numbers", "swapped": "swapped",
        "all elements": "over all d", "always wrong": "half of the time.", "half a square": "4z²",
        "from 0 to 1": "not in [0, 1]", "no error": "misses by |z|", "same image": "half of the time, in z",
        "alike": "twice as much", "others": "not folded", "sum": "not a sum", "root": "took the root",
        "absolute": "absolute values", "else": "Draw a few thousand",
    })  # fmt: skip
