"""What makes a check an exercise of a page: it never raises, and says in one line what it found."""

import functools
from typing import NamedTuple

import numpy as np


class Mistake(Exception):
    """A wrong answer. Its message is the hint: a sentence that names the mistake."""


class Verdict(NamedTuple):
    """What a check found.

    Attributes:
        mark: `"right"`, `"wrong"` or `"untouched"`, the last of a stub that still raises `NotImplementedError`.
        hint: what is wrong, one line; empty unless `mark` is `"wrong"`.
    """

    mark: str
    hint: str


def exercise(page):
    """Decorate a check of the function `name`, a function `check_name(attempt)` that raises a `Mistake`.

    The decorated check prints "✓ name: right.", "✗ name: not yet. hint" or "○ name: yours to write.", so that a page
    with open exercises runs through. Whatever the attempt raises, returns or is, the check ends in one of the three.

    Args:
        page: number of the page that asks for it, such as `"00"`; it becomes the attribute `page` of the check. Its
            attribute `judge` is a function `attempt → Verdict` that prints nothing.
    """

    def decorate(check):
        @functools.wraps(check)
        def report(attempt):
            mark, hint = report.judge(attempt)
            name = check.__name__.removeprefix("check_").replace("_", " ")
            print({
                "right": f"✓ {name}: right.",
                "wrong": f"✗ {name}: not yet. {hint}",
                "untouched": f"○ {name}: yours to write.",
            }[mark])  # fmt: skip

        report.page = page
        report.judge = functools.partial(_judge, check)
        return report

    return decorate


def _judge(check, attempt):
    try:
        check(attempt)
    except NotImplementedError:
        return Verdict("untouched", "")
    except Mistake as mistake:
        return Verdict("wrong", _line(str(mistake)))
    except KeyboardInterrupt:
        return Verdict("wrong", "It was interrupted before it had answered.")
    except BaseException as error:  # SystemExit and the like too: the attempt is the reader's, the page goes on
        return Verdict("wrong", _reason(error))
    return Verdict("right", "")


def _reason(error):
    """Say in one line what stopped an attempt, even if the error cannot say it."""
    try:
        return _line(f"It stopped with {type(error).__name__}: {error}")
    except BaseException:
        return "It stopped with an error that cannot even be printed."


def _line(text):
    """Return the first 300 characters of a text, without line breaks and what no screen can show."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:1000]).split())[:300]


def expect(condition, hint):
    """Raise a `Mistake` with the sentence `hint` unless `condition` holds."""
    if not condition:
        raise Mistake(hint)


def unpack(found, *names):
    """Return the values of a tuple or a list that should have one for each of `names`."""
    expect(found is not None, "It returns nothing: end the function with `return`.")
    expect(isinstance(found, (tuple, list)) and len(found) == len(names),
           f"Return {len(names)} values: {', '.join(names)}.")  # fmt: skip
    return found


def array(found):
    """Return numbers of any kind (a float, a list, an array, a tensor) as a new float64 array."""
    expect(found is not None, "It returns nothing: end the function with `return`.")
    try:
        return np.array(found, dtype="float64")
    except (TypeError, ValueError):
        raise Mistake(f"It returns a {type(found).__name__} that is no array of numbers.") from None


def close(found, expected):
    """Say whether two arrays have the same shape and, up to 1 in 1,000, the same values."""
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected, rtol=1e-3, atol=1e-5, equal_nan=True)


def compare(found, expected, mistakes, otherwise):
    """Accept the right answer, and tell which of the likely mistakes a wrong one is.

    Args:
        found: what the attempt returned, an array.
        expected: the right answer.
        mistakes: hint → what the function returns that makes this mistake. The first that fits is named.
        otherwise: the hint where none fits.

    Raises:
        Mistake: if `found` is not `expected`.
    """
    if close(found, expected):
        return
    for hint, value in mistakes.items():
        expect(not close(found, value), hint)
    raise Mistake(otherwise)
