"""The checks of page 09 take what is right however it is written, and have a hint for each likely mistake."""

import itertools

import numpy as np

from ganinv_keras.course import exercises


def test_rows_take_what_is_right():
    def blocks(worker, workers, n):
        return np.array_split(np.arange(n), workers)[worker]

    for right in (lambda worker, workers, n: range(worker, n, workers), blocks):
        assert exercises.check_rows_of.judge(right).mark == "right"


def test_rows_name_mistakes(assert_named):
    calls = itertools.count()
    wrong = {
        "nothing": lambda worker, workers, n: None,
        "from 1": lambda worker, workers, n: range(worker + 1, n + 1, workers),
        "everything": lambda worker, workers, n: range(n),
        "remainder": lambda worker, workers, n: range(worker * (n // workers), (worker + 1) * (n // workers)),
        "overlap": lambda worker, workers, n: range(worker * (n // workers), min(n, (worker + 1) * (n // workers) + 1)),
        "nobody": lambda worker, workers, n: [],
        "the first": lambda worker, workers, n: range(n) if worker == 0 else [],
        "gap": lambda worker, workers, n: [row for row in range(worker, n, workers) if row != 4],
        "uneven": lambda worker, workers, n: range(n - workers + 1) if worker == 0 else [n - worker],
        "past the end": lambda worker, workers, n: range(worker, n + workers, workers),
        "fractions": lambda worker, workers, n: [worker + 0.5],
        "by chance": lambda worker, workers, n: range((worker + next(calls) // workers) % workers, n, workers),
    }
    assert_named(exercises.check_rows_of, wrong, {
        "nothing": "return", "from 1": "counted from 0", "everything": "all rows", "remainder": "dropped",
        "overlap": "times", "nobody": "nobody does anything", "the first": "one worker does everything",
        "gap": "nobody does row", "uneven": "wait for the largest", "past the end": "end at n - 1",
        "fractions": "whole numbers", "by chance": "Asked twice",
    })  # fmt: skip


def share(seconds_1, seconds_k, k):
    return (k * seconds_k / seconds_1 - 1) / (k - 1)


def test_the_serial_share_takes_what_is_right():
    def by_fit(seconds_1, seconds_k, k):
        return np.linalg.solve([[1.0, 1.0], [1.0, 1 / k]], [seconds_1, seconds_k])[0] / seconds_1

    for right in (share, by_fit):
        assert exercises.check_serial_share.judge(right).mark == "right"


def test_the_serial_share_names_mistakes(assert_named):
    wrong = {
        "nothing": lambda a, b, k: None,
        "speed-up": lambda a, b, k: a / b,
        "efficiency": lambda a, b, k: a / b / k,
        "inefficiency": lambda a, b, k: 1 - a / b / k,
        "shared": lambda a, b, k: 1 - share(a, b, k),
        "ratio": lambda a, b, k: b / a,
        "of T_k": lambda a, b, k: share(a, b, k) * a / b,
        "seconds": lambda a, b, k: share(a, b, k) * a,
        "by k": lambda a, b, k: share(a, b, k) * (k - 1) / k,
        "no division": lambda a, b, k: share(a, b, k) * (k - 1),
        "swapped": lambda a, b, k: share(b, a, k),
        "percent": lambda a, b, k: 100 * share(a, b, k),
        "else": lambda a, b, k: 77.0,
    }
    assert_named(exercises.check_serial_share, wrong, {
        "nothing": "return", "speed-up": "the speed-up: T_1", "efficiency": "the efficiency:",
        "inefficiency": "1 minus the efficiency", "shared": "*can*", "ratio": "T_k over T_1", "of T_k": "time with k",
        "seconds": "In seconds", "by k": "not by k", "no division": "k - 1 is missing",
        "swapped": "swapped", "percent": "percent", "else": "you return",
    })  # fmt: skip


def young(cost, between):
    return (2 * cost * between) ** 0.5


def test_the_best_interval_takes_what_is_right():
    def by_search(cost, between):
        t = np.geomspace(cost / 100, 100 * between, 2_000_001)
        return t[np.argmin(cost / t + t / 2 / between)]

    for right in (young, by_search):
        assert exercises.check_best_interval.judge(right).mark == "right"


def test_the_best_interval_names_mistakes(assert_named):
    wrong = {
        "nothing": lambda cost, between: None,
        "whole": lambda cost, between: (cost * between) ** 0.5,
        "before": lambda cost, between: 2 * (cost * between) ** 0.5,
        "square": lambda cost, between: 2 * cost * between,
        "half": lambda cost, between: (cost * between / 2) ** 0.5,
        "mean": lambda cost, between: (cost + between) / 2,
        "no cost": lambda cost, between: (2 * between) ** 0.5,
        "rarely": lambda cost, between: between,
        "always": lambda cost, between: cost,
        "rate": lambda cost, between: 1 / young(cost, between),
        "count": lambda cost, between: between / young(cost, between),
        "lost": lambda cost, between: (2 * cost / between) ** 0.5,
        "ratio": lambda cost, between: between / cost,
        "minutes": lambda cost, between: young(cost, between) / 60,
        "else": lambda cost, between: 77.0,
    }
    assert_named(exercises.check_best_interval, wrong, {
        "nothing": "return", "whole": "half an interval on average", "before": "not before", "square": "its square",
        "half": "not ½", "mean": "geometric", "no cost": "matters", "rarely": "as often as a machine fails",
        "always": "all the time", "rate": "inverse", "count": "number of checkpoints", "lost": "share of time",
        "ratio": "whole MTBF", "minutes": "minutes", "else": "you return",
    })  # fmt: skip
