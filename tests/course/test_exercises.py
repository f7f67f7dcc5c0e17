"""A check prints one line, whatever it is given. What each takes and names: `test_exercises_start`, `…_gan`."""

import pytest

from ganinv_keras.course import exercises
from ganinv_keras.course.exercises import CHECKS


def stub(*_args):
    raise NotImplementedError


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_stub_is_open_and_nonsense_is_wrong(check, capsys):
    name = check.__name__.removeprefix("check_").replace("_", " ")
    check(stub)
    assert capsys.readouterr().out == f"○ {name}: yours to write.\n"
    check(lambda *_args: -1.0)
    assert capsys.readouterr().out.startswith(f"✗ {name}: not yet. ")


def test_every_page_has_three_checks():
    pages = [check.page for check in CHECKS]
    assert pages == sorted([*(f"{number:02}" for number in range(10)), "03b"] * 3)
    assert all(getattr(exercises, check.__name__) is check for check in CHECKS)


class Hostile:
    def __array__(self, *_args, **_kwargs):
        raise SystemExit

    def __str__(self):
        raise RuntimeError

    __repr__ = __str__


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError


def test_a_hostile_attempt_ends_in_one_line(capsys):
    def raises(error):
        def attempt(*_args):
            raise error

        return attempt

    def recursive(*args):
        return recursive(*args)

    attempts = [None, 3, "line", Hostile(), lambda *_args: Hostile(), lambda *_args: [[1], [1, 2]], lambda: 0,
                raises(SystemExit(1)), raises(KeyboardInterrupt()), raises(Unprintable()),
                raises(ValueError("a\n\ud800\x1b[31m" * 1000)), recursive]  # fmt: skip
    for attempt in attempts:
        exercises.check_line(attempt)
        out = capsys.readouterr().out
        assert out.startswith("✗ line: not yet. ") and out.count("\n") == 1 and len(out) < 350
