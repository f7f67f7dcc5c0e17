import pytest

from ganinv_keras.progress import progress


@pytest.mark.parametrize(("value", "silent"), [("1", True), ("", False)])
def test_the_progress_bar_can_be_turned_off(monkeypatch, value, silent):
    monkeypatch.setenv("TQDM_DISABLE", value)
    with progress(3, "step") as bar:
        assert bar.disable is silent
