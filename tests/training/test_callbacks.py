from types import SimpleNamespace

from ganinv_keras.training.callbacks import Checkpoint


def test_a_checkpoint_is_written_once_when_its_minutes_are_over(monkeypatch, tmp_path):
    clock, written = iter(range(0, 1000, 40)), []
    monkeypatch.setattr("ganinv_keras.training.callbacks.time.monotonic", lambda: next(clock))
    checkpoint = Checkpoint(tmp_path / "a.weights.h5", minutes=1.0)  # a look at the clock takes 40 seconds
    checkpoint.set_model(SimpleNamespace(check_sound=lambda: None, save_checkpoint=lambda path: written.append(path)))
    for batch in range(5):
        checkpoint.on_train_batch_end(batch)
    assert len(written) == 2 and written[0] == tmp_path / "a.weights.h5"
