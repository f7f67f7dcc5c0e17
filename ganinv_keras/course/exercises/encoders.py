"""Checks of page 04: the bits of a difference hash, the best direct answer, the two errors of a fold."""

import numpy as np

from ganinv_keras.course.exercises.report import array, compare, exercise, expect, unpack


@exercise("04")
def check_difference_bits(difference_bits):
    """`difference_bits(small)` is the 64 bits of the difference hash of 8 rows of 9 pixels."""
    small = np.random.default_rng(0).integers(0, 6, (8, 9)).astype("float64")
    left, right = small[:, :-1], small[:, 1:]
    bits = (right > left).ravel()
    found = array(difference_bits(small.copy()))
    compare(found.ravel(), bits, {
        "1 is brighter than the left neighbour, not darker.": (right < left).ravel(),
        "Equal neighbours are 0: brighter, not as bright.": (right >= left).ravel(),
        "A pixel against its left neighbour: you compare to the right.": (left > right - 1e-9).ravel(),
        "Neighbours stand in a row: you compare with the pixel above.": (small[1:] > small[:-1]).ravel(),
        "The first column has no left neighbour: you compare it with the last.":
            (small > np.roll(small, 1, axis=1)).ravel(),
        "That is the average hash: each pixel against the mean of all.": (small > small.mean()).ravel(),
        "That is the average hash: each pixel against the mean of all, its first column left out.":
            (right > small.mean()).ravel(),
        "Against the left neighbour, not against the median of all.": (right > np.median(small)).ravel(),
        "Those are the differences: 1 where they are above 0, else 0.": (right - left).ravel(),
        "Those are the signs: a hash has two values, 0 for darker.": np.sign(right - left).ravel(),
        "Different is not brighter: keep the sign.": (right != left).ravel(),
        "Row by row: your bits run down the columns.": (right > left).ravel(order="F"),
        "From the left to the right: each row of bits is turned around.": (right > left)[:, ::-1].ravel(),
    }, f"64 bits, one for each of 8 pairs in 8 rows; yours have the shape {found.shape}, "
       f"and begin with {str(found.ravel()[:8])[:60]}.")  # fmt: skip


@exercise("04")
def check_best_direct_answer(best_direct_answer):
    """`best_direct_answer(latents, probabilities)` is the answer with the least expected squared error, and that."""
    latents, p = np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, 3.0]]), np.array([0.5, 0.3, 0.2])
    best, plain = p @ latents, latents.mean(axis=0)

    def error(z_hat, weights=p):
        return float(weights @ np.mean((latents - z_hat) ** 2, axis=1))

    z_hat, E = (array(value) for value in unpack(best_direct_answer(latents.copy(), p.copy()), "z_hat", "error"))
    compare(z_hat, best, {
        "Weigh the latents by their probabilities: you take their plain mean.": plain,
        "That is the most probable latent: its squared error is small there and large elsewhere.": latents[0],
        "That is the median, which has the least absolute error.": np.median(latents, axis=0),
        "The probabilities add up to 1: do not divide by the number of latents.": best / 3,
        "One latent for all: you return one for each.": latents,
        "One latent with an entry for each element: you averaged over the elements.": p @ latents.mean(axis=1),
        "That is the root of the mean square: signs cancel.": np.sqrt(p @ latents**2),
        "That is 0, the mean of all latents of the prior, not of those of this image.": 0 * best,
    }, f"It is {best} here; you return {str(z_hat)[:80]}.")  # fmt: skip
    compare(E, np.array(error(best)), {
        "The expectation weighs the latents by their probabilities.": error(best, np.full(3, 1 / 3)),
        "E is a mean over the elements, not a sum.": 2 * error(best),
        "E is a mean square: you took the root.": error(best) ** 0.5,
        "The expectation is over the latents, too: you return one error for each.":
            np.mean((latents - best) ** 2, axis=1),
        "The mean over the elements is missing.": p @ (latents - best) ** 2,
        "That is E of another image's answer, 0.": error(0 * best),
        "Squares, not absolute differences.": float(p @ np.mean(np.abs(latents - best), axis=1)),
        "That is the error for the most probable latent alone.": np.mean((latents[0] - best) ** 2),
    }, f"It is {error(best):.4f} here; you return {str(E)[:60]}.")  # fmt: skip


@exercise("04")
def check_fold_errors(fold_errors):
    """`fold_errors(k, d)` is E of a perfect direct answer and of one that guesses the signs, k of d folded."""
    for k, d in ((30, 100), (7, 10), (0, 5), (20, 20)):
        share = k / d
        direct, guessed = (array(value) for value in unpack(fold_errors(k, d), "direct", "guessed"))
        expect(direct.ndim == guessed.ndim == 0, "Two numbers: E is a mean over elements and latents.")
        found = np.array([direct, guessed])
        right = np.array([share / 3, 2 * share / 3])
        if np.allclose(found, right, rtol=0.05, atol=1e-3):  # drawn latents are as good as a sum on paper
            continue
        wrong = {
            "The two are swapped: the mean of both branches is nearer than one of them.": [2 * share / 3, share / 3],
            "E is a mean over all d elements, the k folded ones and those that can be read.": [1 / 3, 2 / 3],
            "A guess is right half of the time.": [share / 3, 4 * share / 3],
            "A wrong sign misses by 2|z|, whose square is 4z².": [share / 3, share / 6],
            "z is uniform in [-1, 1], whose mean square is 1/3, not in [0, 1].": [share / 12, share / 6],
            "The direct answer to a folded element is 0, the mean of its two latents: it misses by |z|.":
                [0, 2 * share / 3],
            "One that guesses a branch is wrong half of the time, in z.": [share / 3, 0],
            "Both make the same image, and yet their latents differ: guessing costs twice as much.":
                [share / 3, share / 3],
            "Elements that are not folded can be read: they cost nothing.": [(1 - share) / 3, 2 * (1 - share) / 3],
            "E is a mean, not a sum over the elements.": [k / 3, 2 * k / 3],
            "E is a mean square: you took the root.": list(np.sqrt(right)),
            "E is a mean of squares, not of absolute values.": [share / 2, share / 2],
        }  # fmt: skip
        for hint, value in wrong.items():
            expect(not np.allclose(found, value, rtol=0.05, atol=1e-3), hint)
        expect(False, f"For k = {k} of d = {d} they are {right.round(3)}; you return {str(found.round(3))[:60]}. "
                      "Draw a few thousand latents, or take expectations.")  # fmt: skip
