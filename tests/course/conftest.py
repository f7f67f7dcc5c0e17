import pytest

from ganinv_keras.course import figures, tables


@pytest.fixture
def shown(monkeypatch):
    """What a page displays, in order."""
    outputs = []
    for module in (figures, tables):
        monkeypatch.setattr(module, "display", outputs.append)
    return outputs
