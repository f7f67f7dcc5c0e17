"""Checks of page 08: when an encoder pays, the best of several races, a rank correlation."""

import numpy as np
from scipy import stats

from ganinv_keras.course.exercises.report import Mistake, array, compare, exercise, unpack


@exercise("08")
def check_breaks_even(breaks_even):
    """`breaks_even(training, descent, encoder)` is the number of images from which on training an encoder pays."""
    for training, descent, encoder in ((3600.0, 1.5, 0.003), (100.0, 7.0, 2.0), (50.0, 0.4, 0.1)):
        exact = training / (descent - encoder)
        found = array(breaks_even(training, descent, encoder))
        compare(found, np.array(np.ceil(exact)), {
            "The encoder's own seconds are missing: an image saves the difference.": np.ceil(training / descent),
            "A whole number of images: round up, the training is not paid before.": exact,
            "Round up: with one image fewer the training is not yet paid.": np.floor(exact),
            "Both cost time: the difference is saved, not the sum.": np.ceil(training / (descent + encoder)),
            "That is how many times as fast a pass is; the training is not in it.": descent / encoder,
            "That is how often the encoder could run while it is trained.": np.ceil(training / encoder),
            "The seconds of the training are divided, not multiplied.": np.ceil(training * (descent - encoder)),
            "That is the saving for one image.": descent - encoder,
            "That is its inverse: images for a second of training, turned around.": 1 / exact,
            "The sign: descent is what costs more.": np.ceil(training / (encoder - descent)),
            "The training is paid once, not for each image.": np.ceil((training + encoder) / descent),
        }, f"For {training:g} s of training, {descent:g} s and {encoder:g} s an image it is {np.ceil(exact):g}; "
           f"you return {str(found)[:60]}.")  # fmt: skip


@exercise("08")
def check_best_at(best_at):
    """`best_at(curves, budget)` is the name of the inverter with the highest PSNR within some seconds, and that."""
    curves = {
        "slow": ([0.0, 1.0, 2.0, 4.0], [5.0, 9.0, 20.0, 30.0]),
        "steady": ([0.5, 1.0, 3.0], [12.0, 14.0, 15.0]),
        "noisy": ([0.0, 0.9, 1.8], [2.0, 16.0, 11.0]),
        "late": ([3.5, 8.0], [25.0, 60.0]),
    }
    for budget, name, psnr in ((1.9, "noisy", 16.0), (2.0, "slow", 20.0), (3.9, "late", 25.0), (0.7, "steady", 12.0)):
        found = unpack(best_at({k: (list(a), list(b)) for k, (a, b) in curves.items()}, budget), "name", "psnr")
        ends = {key: b[-1] for key, (_, b) in curves.items()}
        within = {key: [p for t, p in zip(a, b, strict=True) if t <= budget] for key, (a, b) in curves.items()}
        last = {key: values[-1] for key, values in within.items() if values}
        over = {key: [p for t, p in zip(a, b, strict=True) if t >= budget] for key, (a, b) in curves.items()}
        first = {key: values[0] for key, values in over.items() if values}
        interpolated = {key: np.interp(budget, a, b) for key, (a, b) in curves.items() if a[0] <= budget}
        strict = {key: [p for t, p in zip(a, b, strict=True) if t < budget] for key, (a, b) in curves.items()}
        best_of = {key: max(values) for key, values in strict.items() if values}
        _compare_pair(found, (name, psnr), {
            "That is the best at the end: look only at what is reached within the budget.": _top(ends),
            "That is the worst: the highest PSNR is asked.": min(_least(within), key=lambda pair: pair[1]),
            "Best so far counts: an inverter keeps the best that it has met, though the last may be worse.": _top(last),
            "That is the first point after the budget: it was not paid for.": _top(first),
            "Between two points nothing was measured: take the last that was reached, do not interpolate.":
                _top(interpolated),
            "A point exactly at the budget counts.": _top(best_of),
            "The name is missing beside the PSNR.": (psnr, name),
            "That is the place in the list: its name is asked.": (list(curves).index(name), psnr),
            "That is the time at which it was reached: the PSNR is asked.":
                (name, curves[name][0][curves[name][1].index(psnr)]),
            "The budget is in seconds, not in points of the curve.": _top({k: b[min(int(budget), len(b) - 1)]
                                                                          for k, (_, b) in curves.items()}),
        }, budget)  # fmt: skip


def _top(values):
    name = max(values, key=values.get)
    return name, values[name]


def _least(within):
    return [(name, max(values)) for name, values in within.items() if values]


def _compare_pair(found, right, mistakes, budget):
    """Accept the right name and number, and tell which of the likely mistakes a wrong answer is."""

    def same(a, b):
        if isinstance(a, str) or isinstance(b, str):
            return isinstance(a, str) and isinstance(b, str) and a == b
        return bool(np.isclose(float(a), float(b)))

    def alike(a, b):
        return all(same(x, y) for x, y in zip(a, b, strict=True))

    if alike(found, right):
        return
    for hint, value in mistakes.items():
        if alike(found, value):
            raise Mistake(hint)
    raise Mistake(f"Within {budget:g} s it is {right}; you return {str(found)[:60]}.")


@exercise("08")
def check_rank_correlation(rank_correlation):
    """`rank_correlation(loss, error)` is Spearman's: the correlation of ranks, ties at their middle rank."""
    loss = np.array([0.1, 0.4, 0.2, 3.0, 0.9, 0.5, 0.25])
    error = np.array([0.3, 0.2, 0.4, 0.9, 0.8, 0.1, 0.35])
    ranks = [stats.rankdata(values) for values in (loss, error)]
    rho = stats.spearmanr(loss, error).statistic
    squares, n = np.sum((ranks[0] - ranks[1]) ** 2), len(loss)
    found = array(rank_correlation(loss.copy(), error.copy()))
    compare(found, np.array(rho), {
        "That is the correlation of the values, on which one large loss has all the weight: take ranks.":
            np.corrcoef(loss, error)[0, 1],
        "That is its square.": rho**2,
        "The sign is turned around: a large loss with a large error is positive.": -rho,
        "That is Kendall's, another rank correlation: it counts pairs in order.":
            stats.kendalltau(loss, error).statistic,
        "argsort gives the order, not the ranks: apply it twice.":
            np.corrcoef(np.argsort(loss), np.argsort(error))[0, 1],
        "That is the correlation of logarithms.": np.corrcoef(np.log(loss), np.log(error))[0, 1],
        "That is the covariance of the ranks: divide by both deviations.": np.cov(*ranks)[0, 1],
        "That is the sum of squared differences of ranks: 1 - 6 Σd² / (n (n² - 1)) is asked.": squares,
        "1 - 6 Σd² / (n (n² - 1)): the 1 - is missing.": 6 * squares / (n * (n**2 - 1)),
        "1 - 6 Σd² / (n (n² - 1)): you have n² in place of n² - 1.": 1 - 6 * squares / n**3,
        "That is the whole matrix: one element of it is asked.": np.corrcoef(*ranks),
        "That is the p-value.": stats.spearmanr(loss, error).pvalue,
    }, f"It is {rho:.4f} for the check's numbers; you return {str(found)[:60]}.")  # fmt: skip
    tied = np.array([1.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 2.0, 5.0])
    compare(array(rank_correlation(*tied)), np.array(stats.spearmanr(*tied).statistic), {},
            "Equal values share the middle of their ranks, as `scipy.stats.rankdata` gives them.")  # fmt: skip
