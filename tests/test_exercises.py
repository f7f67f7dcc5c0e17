"""Every check fails on its stub; that it passes on the solution is shown by the pages in `notebooks/solutions`."""

import inspect

import pytest

from ganinv_keras import exercises

CHECKS = [function for name, function in inspect.getmembers(exercises) if name.startswith("check_")]


def stub(*_args):
    raise NotImplementedError


def wrong(*_args):
    return -1.0


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_checks_fail_on_the_stub_and_on_nonsense(check, capsys):
    check(stub)
    assert capsys.readouterr().out.startswith("○")
    check(wrong)
    assert capsys.readouterr().out.startswith("✗")
