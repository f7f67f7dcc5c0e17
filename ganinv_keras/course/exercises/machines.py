"""Checks of page 09: who does which rows, what replicas cannot share, how often to save."""

import numpy as np

from ganinv_keras.course.exercises.report import array, compare, exercise, expect


def _shares(rows_of, workers, n):
    """Return each worker's rows as an array."""
    found = (rows_of(worker, workers, n) for worker in range(workers))
    return [array(list(rows) if isinstance(rows, range) else rows).ravel() for rows in found]


@exercise("09")
def check_rows_of(rows_of):
    """`rows_of(worker, workers, n)` is the rows that one of several workers does: each row once, shares alike."""
    for workers, n in ((3, 10), (4, 3), (1, 5), (2, 8)):
        shares, case = _shares(rows_of, workers, n), f"{n} rows and {workers} workers"
        rows, sizes = np.concatenate(shares), [len(share) for share in shares]
        expect(len(rows), f"{case}: nobody does anything.")
        expect(np.array_equal(rows, np.round(rows)), f"Rows are whole numbers: not so with {case}.")
        expect(rows.min() == 0 or rows.max() != n, "Rows are counted from 0: yours go from 1 to n.")
        expect(rows.min() >= 0 and rows.max() < n, f"{case}: you name row {rows.max():g}, they end at n - 1.")
        count = np.bincount(rows.astype(int), minlength=n)
        expect(workers == 1 or (count < workers).any(), "All workers do all rows: each does its own only.")
        expect(count.max() == 1, f"{case}: row {count.argmax()} is done {count.max()} times.")
        kept = n // workers * workers
        expect(count[kept:].any() or not count[:kept].all() or kept == n,
               f"{case}: the last {n - kept} are dropped. Somebody has to do the remainder.")  # fmt: skip
        expect(count.all(), f"{case}: nobody does row {np.argmin(count)}.")
        expect(workers == 1 or max(sizes) < n, f"{case}: one worker does everything.")
        expect(max(sizes) - min(sizes) <= 1, f"{case}: shares of {sizes}. All wait for the largest: make them as equal "
                                             "as whole numbers can be.")  # fmt: skip
        expect(all(np.array_equal(a, b) for a, b in zip(shares, _shares(rows_of, workers, n), strict=True)),
               "Asked twice, you answer differently: a worker that starts again must find its own rows.")  # fmt: skip


@exercise("09")
def check_serial_share(serial_share):
    """`serial_share(seconds_1, seconds_k, k)` is the share s of Amdahl's law, T_k = T_1 (s + (1 - s) / k)."""
    for seconds_1, seconds_k, k in ((10.0, 3.7, 4), (6.0, 3.6, 2), (8.0, 1.0, 8)):
        s = (k * seconds_k / seconds_1 - 1) / (k - 1)
        speedup = seconds_1 / seconds_k
        found = array(serial_share(seconds_1, seconds_k, k))
        compare(found, np.array(s), {
            "That is the speed-up: T_1 over T_k.": speedup,
            "That is the efficiency: the speed-up over k.": speedup / k,
            "That is 1 minus the efficiency: a step that is not shared costs more than that, with many replicas.":
                1 - speedup / k,
            "That is the share that *can* be shared: 1 minus it.": 1 - s,
            "That is T_k over T_1: the shared part is in it, too.": 1 / speedup,
            "That is a share of the time with k: s is a share of the time with one.": s * speedup,
            "In seconds: divide by T_1.": s * seconds_1,
            "The shared part runs k times as fast, so divide by k - 1 at the end, not by k.":
                (k * seconds_k / seconds_1 - 1) / k,
            "The division by k - 1 is missing.": k * seconds_k / seconds_1 - 1,
            "T_1 and T_k are swapped.": (k * seconds_1 / seconds_k - 1) / (k - 1),
            "In percent: a share is between 0 and 1.": 100 * s,
        }, f"For {seconds_1:g} s with one and {seconds_k:g} s with {k} replicas s is {s:.3f}; "
           f"you return {str(found)[:60]}.")  # fmt: skip


@exercise("09")
def check_best_interval(best_interval):
    """`best_interval(cost, between)` is the time between checkpoints that loses least: Young's √(2 · cost · MTBF)."""
    for cost, between in ((2.7, 3700.0), (31.0, 86_400.0), (0.55, 107.0)):
        best = np.sqrt(2 * cost * between)
        found = array(best_interval(cost, between))
        compare(found, np.array(best), {
            "A failure loses half an interval on average, not a whole one: a factor of √2.": np.sqrt(cost * between),
            "A factor of 2 stands under the root, not before it.": 2 * np.sqrt(cost * between),
            "That is its square: take the root.": 2 * cost * between,
            "Half an interval is lost, so 2, not ½, stands under the root.": np.sqrt(cost * between / 2),
            "That is the mean of both: the best interval is a geometric mean.": (cost + between) / 2,
            "That is √(2 · MTBF): what a checkpoint costs matters, too.": np.sqrt(2 * between),
            "That saves only as often as a machine fails: half of all the work would be lost.": between,
            "That saves all the time: the cost of a checkpoint would be all the work.": cost,
            "That is how often, in checkpoints a second: its inverse is asked.": 1 / best,
            "That is the number of checkpoints between two failures.": between / best,
            "That is the share of time that is lost, not the interval.": np.sqrt(2 * cost / between),
            "That balances cost against a whole MTBF: weigh the loss by how often it happens.": between / cost,
            "In minutes: seconds are asked, as you were given.": best / 60,
        }, f"With {cost:g} s for a checkpoint and a failure every {between:g} s it is {best:.1f} s; "
           f"you return {str(found)[:60]}.")  # fmt: skip
