import pytest

from ganinv_keras import device


def test_precision_follows_the_reader(monkeypatch):
    monkeypatch.setenv("GANINV_PRECISION", "mixed_bfloat16")
    assert device.precision() == "mixed_bfloat16"
    monkeypatch.setenv("GANINV_PRECISION", "bfloat")
    with pytest.raises(ValueError, match="Unknown precision 'bfloat'"):
        device.precision()
