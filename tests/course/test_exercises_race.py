"""The checks of page 08 take what is right however it is written, and have a hint for each likely mistake."""

import math

import numpy as np
from scipy import stats

from ganinv_keras.course import exercises


def test_breaks_even_takes_what_is_right():
    def by_counting(training, descent, encoder):
        n = 0
        while training + n * encoder > n * descent + 1e-9:
            n += 1
        return n

    for right in (lambda t, d, e: math.ceil(t / (d - e)), by_counting):
        assert exercises.check_breaks_even.judge(right).mark == "right"


def test_breaks_even_names_mistakes(assert_named):
    wrong = {
        "nothing": lambda t, d, e: None,
        "no pass": lambda t, d, e: math.ceil(t / d),
        "fraction": lambda t, d, e: t / (d - e),
        "down": lambda t, d, e: math.floor(t / (d - e)),
        "sum": lambda t, d, e: math.ceil(t / (d + e)) if e > 1 else math.ceil(t / (d - e)),
        "ratio": lambda t, d, e: d / e,
        "passes": lambda t, d, e: math.ceil(t / e),
        "product": lambda t, d, e: math.ceil(t * (d - e)),
        "saving": lambda t, d, e: d - e,
        "inverse": lambda t, d, e: (d - e) / t,
        "sign": lambda t, d, e: math.ceil(t / (e - d)),
        "else": lambda t, d, e: 77.0,
    }
    assert_named(exercises.check_breaks_even, wrong, {
        "nothing": "return", "no pass": "own seconds", "fraction": "whole number", "down": "Round up: with",
        "sum": "not the sum", "ratio": "how many times", "passes": "while it is trained", "product": "not multiplied",
        "saving": "saving for one", "inverse": "inverse", "sign": "sign", "else": "you return",
    })  # fmt: skip


def best(curves, budget):
    reached = {name: max((p for t, p in zip(*curve, strict=True) if t <= budget), default=-np.inf)
               for name, curve in curves.items()}  # fmt: skip
    name = max(reached, key=reached.get)
    return name, reached[name]


def test_the_best_takes_what_is_right():
    for right in (best, lambda curves, budget: list(best(curves, budget))):
        assert exercises.check_best_at.judge(right).mark == "right"


def test_the_best_names_mistakes(assert_named):
    def top(values):
        name = max(values, key=values.get)
        return name, values[name]

    def last(curves, budget):
        return top({k: [p for t, p in zip(*c, strict=True) if t <= budget][-1] for k, c in curves.items()
                    if c[0][0] <= budget})  # fmt: skip

    def after(curves, budget):
        return top({k: [p for t, p in zip(*c, strict=True) if t >= budget][0] for k, c in curves.items()
                    if c[0][-1] >= budget})  # fmt: skip

    def below(curves, budget):
        return best(curves, budget - 1e-9)

    def when(curves, budget):
        name, psnr = best(curves, budget)
        seconds, values = curves[name]
        return name, seconds[values.index(psnr)]

    wrong = {
        "nothing": lambda curves, budget: None,
        "at the end": lambda curves, budget: top({k: c[1][-1] for k, c in curves.items()}),
        "worst": lambda curves, budget: min(((k, best({k: c}, budget)[1]) for k, c in curves.items()
                                             if c[0][0] <= budget), key=lambda pair: pair[1]),
        "last": last,
        "after": after,
        "interpolated": lambda curves, budget: top({k: np.interp(budget, *c) for k, c in curves.items()
                                                    if c[0][0] <= budget}),
        "strict": below,
        "one": lambda curves, budget: best(curves, budget)[1],
        "turned": lambda curves, budget: best(curves, budget)[::-1],
        "place": lambda curves, budget: (list(curves).index(best(curves, budget)[0]), best(curves, budget)[1]),
        "time": when,
        "else": lambda curves, budget: ("slow", -1.0),
    }  # fmt: skip
    assert_named(exercises.check_best_at, wrong, {
        "nothing": "returns nothing", "at the end": "at the end", "worst": "the worst", "last": "Best so far",
        "after": "after the budget", "interpolated": "interpolate", "strict": "exactly at", "one": "Return 2 values",
        "turned": "name is missing", "place": "place in the list", "time": "the time", "else": "you return ('slow'",
    })  # fmt: skip


def test_the_rank_correlation_takes_what_is_right():
    def by_ranks(loss, error):
        return np.corrcoef(stats.rankdata(loss), stats.rankdata(error))[0, 1]

    for right in (by_ranks, lambda loss, error: stats.spearmanr(loss, error).statistic):
        assert exercises.check_rank_correlation.judge(right).mark == "right"


def test_the_rank_correlation_names_mistakes(assert_named):
    def ranks(values):
        return np.argsort(np.argsort(values))

    def squares(a, b):
        return np.sum((ranks(a) - ranks(b)) ** 2)

    wrong = {
        "nothing": lambda a, b: None,
        "values": lambda a, b: np.corrcoef(a, b)[0, 1],
        "square": lambda a, b: stats.spearmanr(a, b).statistic ** 2,
        "sign": lambda a, b: -stats.spearmanr(a, b).statistic,
        "Kendall": lambda a, b: stats.kendalltau(a, b).statistic,
        "order": lambda a, b: np.corrcoef(np.argsort(a), np.argsort(b))[0, 1],
        "logarithms": lambda a, b: np.corrcoef(np.log(a), np.log(b))[0, 1],
        "covariance": lambda a, b: np.cov(ranks(a), ranks(b))[0, 1],
        "differences": squares,
        "without 1": lambda a, b: 6 * squares(a, b) / (len(a) * (len(a) ** 2 - 1)),
        "cube": lambda a, b: 1 - 6 * squares(a, b) / len(a) ** 3,
        "matrix": lambda a, b: np.corrcoef(ranks(a), ranks(b)),
        "p-value": lambda a, b: stats.spearmanr(a, b).pvalue,
        "ties": lambda a, b: np.corrcoef(ranks(a), ranks(b))[0, 1],
        "else": lambda a, b: 7.0,
    }
    assert_named(exercises.check_rank_correlation, wrong, {
        "nothing": "return", "values": "of the values", "square": "its square", "sign": "sign", "Kendall": "Kendall",
        "order": "argsort", "logarithms": "logarithms", "covariance": "covariance", "differences": "sum of squared",
        "without 1": "the 1 - is missing", "cube": "n² in place", "matrix": "whole matrix", "p-value": "p-value",
        "ties": "middle of their ranks", "else": "you return",
    })  # fmt: skip
