import numpy as np
import pytest

from ganinv_keras.inversion import Inversion
from ganinv_keras.inversion.record import warn_of_losses


@pytest.fixture
def inversion():
    random = np.random.default_rng(0)
    history = {"step": np.arange(3), "loss": random.random((3, 2))}
    return Inversion(random.random((2, 4)), random.random((2, 8, 8, 1)), random.random(2), history, np.arange(2), 1.5)


@pytest.mark.parametrize("name", ["my.inversion.v2.npz", "without_an_ending"])
def test_save_and_load(inversion, tmp_path, name):
    inversion.save(tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    loaded = Inversion.load(tmp_path / name)
    for field in ("z", "images", "loss", "steps_taken", "seconds"):
        assert np.array_equal(getattr(loaded, field), getattr(inversion, field))
    assert all(np.array_equal(loaded.history[key], inversion.history[key]) for key in ("step", "loss"))
    with pytest.raises(PermissionError, match="its folder is missing, read-only or full"):
        inversion.save(tmp_path / "nowhere" / name)


def test_a_file_that_was_cut_or_altered_is_refused(inversion, tmp_path):
    path = tmp_path / "a.npz"
    inversion.save(path)
    whole = path.read_bytes()
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match="a.npz is truncated, or was not written by Inversion.save"):
            Inversion.load(path)
    path.write_bytes(whole[:1000] + bytes([whole[1000] ^ 255]) + whole[1001:])
    with pytest.raises(ValueError, match="a.npz is truncated, or was not written by Inversion.save"):
        Inversion.load(path)


def test_a_file_of_something_else_is_refused(inversion, tmp_path):
    path, arrays = tmp_path / "a.npz", {"z": inversion.z, "images": inversion.images, "loss": inversion.loss}
    arrays |= {"steps_taken": inversion.steps_taken, "seconds": 1.5}
    arrays |= {f"history/{key}": value for key, value in inversion.history.items()}
    np.savez(path, **arrays)
    assert Inversion.load(path).seconds == 1.5
    foreign = [{key: arrays[key] for key in arrays if key != missing} for missing in arrays]
    foreign += [arrays | {"z": np.zeros((3, 4))}, arrays | {"loss": 1.0}, arrays | {"seconds": "long"}]
    foreign += [arrays | {"z": np.array([None, {}])}, arrays | {"history/loss": np.zeros((2, 3))}]
    for content in foreign:
        np.savez(path, **content)
        with pytest.raises(ValueError, match="a.npz is truncated, or was not written by Inversion.save"):
            Inversion.load(path)
    path.write_text("no archive")
    with pytest.raises(ValueError, match="a.npz is truncated, or was not written by Inversion.save"):
        Inversion.load(path)
    np.save(tmp_path / "a.npy", inversion.z)
    with pytest.raises(ValueError, match="a.npy is truncated, or was not written by Inversion.save"):
        Inversion.load(tmp_path / "a.npy")
    for missing in (tmp_path / "b.npz", tmp_path):
        with pytest.raises(FileNotFoundError, match="There is no file .*: pass the path"):
            Inversion.load(missing)


def test_ten_lost_images_are_named_and_the_others_counted():
    with pytest.warns(UserWarning, match="for image 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more of 13: what"):
        warn_of_losses(np.array([np.nan] * 12 + [1.0]))
    with pytest.warns(UserWarning, match="for image 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 of 11: what"):
        warn_of_losses(np.array([1.0] + [np.inf] * 10))
