import pytest

from ganinv_keras.course import figures, tables


@pytest.fixture
def shown(monkeypatch):
    """What a page displays, in order."""
    outputs = []
    for module in (figures, tables):
        monkeypatch.setattr(module, "display", outputs.append)
    return outputs


@pytest.fixture
def assert_named():
    """Return a function that asserts that ten wrong attempts or more are rejected, each with its own hint."""

    def assert_named(check, wrong, words):
        verdicts = {name: check.judge(attempt) for name, attempt in wrong.items()}
        assert {name: verdict.mark for name, verdict in verdicts.items()} == dict.fromkeys(wrong, "wrong")
        hints = {name: verdict.hint for name, verdict in verdicts.items()}
        assert len(hints) >= 10 and len(set(hints.values())) == len(hints)
        assert [name for name, hint in hints.items() if words[name] not in hint] == [], hints

    return assert_named
