import hashlib
import io
import json
import warnings

import keras
import numpy as np
import pytest

from ganinv_keras import files, store

SETTINGS = {"data": "mnist", "rates": [1e-3, 0.5], "of": None, "word": "größer"}


@pytest.fixture
def model():
    z = keras.Input((3,))
    h = keras.layers.BatchNormalization()(keras.layers.Dense(2, name="first")(z))
    return keras.Model(z, keras.layers.Dense(1, name="last")(h))


def listed(folder, name="a.npz"):
    """List a file in SHA256SUMS, as `sha256sum` does."""
    checksum = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{checksum}  {name}\n")


def test_what_is_written_is_read_in_half_precision(model, tmp_path):
    store.write("a", {"generator": model, "encoder": keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])},
                SETTINGS, tmp_path)  # fmt: skip
    store.write("b", {"generator": model}, {}, tmp_path)
    settings, weights = store.read("a", "a command", tmp_path)
    assert settings == SETTINGS and list(weights) == ["generator", "encoder"] and len(weights["encoder"]) == 2
    for found, weight in zip(weights["generator"], model.get_weights(), strict=True):
        assert found.dtype == np.float32 and np.array_equal(found, weight.astype("float16"))
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert lines == [f"{hashlib.sha256((tmp_path / f).read_bytes()).hexdigest()}  {f}" for f in ("a.npz", "b.npz")]


def test_a_file_that_ships_is_read_as_it_is():
    settings, weights = store.read("features-mnist", "a command")
    with np.load(store.WEIGHTS / "features-mnist.npz") as file:
        assert settings == json.loads(str(file["settings"])) and len(weights["classifier"]) == len(file.files) - 1
        for i, found in enumerate(weights["classifier"]):
            assert np.array_equal(found, file[f"classifier/{i:03d}"])


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e5, -65_520.0])
def test_what_half_precision_cannot_hold_is_refused(model, tmp_path, value):
    model.get_layer("last").bias.assign([65_519.0])
    store.write("a", {"generator": model}, {}, tmp_path)
    assert store.read("a", "a command", tmp_path)[1]["generator"][-1] == 65_504
    model.get_layer("last").bias.assign([value])
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    sentence = "weights last/bias in the generator of a hold NaN, infinity or a number beyond 65,504"
    with warnings.catch_warnings(), pytest.raises(ValueError, match=sentence):
        warnings.simplefilter("error")
        store.write("a", {"generator": model}, {}, tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("settings", [{"a": {1, 2}}, {(1, 2): 3}, {"model": keras.Sequential()}])
def test_settings_that_json_cannot_hold_are_refused(model, tmp_path, settings):
    with pytest.raises(TypeError, match="The settings of a must be a dictionary that JSON can hold: "):
        store.write("a", {"generator": model}, settings, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_missing_file_or_folder_names_the_way_out(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"a\.npz does not ship: train it with X"):
        store.read("a", "X", tmp_path)
    (tmp_path / "SHA256SUMS").write_text(f"{64 * '0'}  a.npz\n")
    with pytest.raises(FileNotFoundError, match=r"a\.npz is missing: check the repository out .* train it with X"):
        store.read("a", "X", tmp_path)
    monkeypatch.setattr(files, "ASSETS", tmp_path / "assets")
    with pytest.raises(FileNotFoundError, match="installed without the course's assets. Check the repository out, and"):
        store.read("a", "X", tmp_path / "assets" / "weights")
    with pytest.raises(PermissionError, match="its folder is missing"):
        store.write("a", {}, {}, tmp_path / "assets" / "weights")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.npz").mkdir()
    with pytest.raises(PermissionError, match=r"Cannot read .*a\.npz \(Is a directory\): make it readable"):
        store.read("a", "X", tmp_path)


def test_altered_and_unlisted_files_are_refused(model, tmp_path):
    store.write("a", {"generator": model}, {}, tmp_path)
    store.write("b", {"generator": model}, {"other": 1}, tmp_path)
    (tmp_path / "a.npz").write_bytes((tmp_path / "b.npz").read_bytes())
    with pytest.raises(ValueError, match="is truncated or was altered: its sha256 [0-9a-f]{12}… is not the one"):
        store.read("a", "X", tmp_path)
    (tmp_path / "SHA256SUMS").unlink()
    with pytest.raises(ValueError, match="is not listed in SHA256SUMS: check the repository out again, or train it"):
        store.read("a", "X", tmp_path)


def npz(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def npy():
    content = io.BytesIO()
    np.save(content, np.zeros(3))
    return content.getvalue()


ONE = np.zeros(3, "float16")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK\x03\x04 not a zip", npy(), npz(),
        npz(**{"generator/000": ONE}),
        npz(settings="{1}", **{"generator/000": ONE}),
        npz(settings="[1]", **{"generator/000": ONE}),
        npz(settings="{}"),
        npz(settings="{}", weights=ONE),
        npz(settings="{}", **{"generator/000": np.array(["a"])}),
        npz(settings="{}", **{"generator/000": np.array([1.0], dtype=object)}),
        npz(settings="{}", **{"generator/000": ONE + np.inf}),
    ],
    ids=["empty", "broken zip", "npy", "empty npz", "no settings", "no JSON", "a list", "no weights", "no part",
         "strings", "objects", "infinity"],
)  # fmt: skip
def test_foreign_and_forged_files_are_refused(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    listed(tmp_path)
    with pytest.raises(ValueError, match=r"a\.npz is no weight file of this course \(.+\): check .* train it with X"):
        store.read("a", "X", tmp_path)


@pytest.mark.parametrize("line", ["abc  b.npz", "f" * 64, f"{'f' * 64}  ", f"{'g' * 64}  b.npz", "b", "\x00", "\udcff"])
def test_a_broken_line_among_the_checksums_is_named(model, tmp_path, line):
    store.write("a", {"generator": model}, {}, tmp_path)
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"\n{sums.read_text()}{line}\n", errors="surrogateescape")
    before = (tmp_path / "a.npz").read_bytes()
    for call in (lambda: store.read("a", "X", tmp_path), lambda: store.write("a", {"g": model}, {}, tmp_path)):
        with pytest.raises(ValueError, match=r"Line 3 of .*SHA256SUMS is broken, .*: it must be a sha256, two spaces"):
            call()
    assert (tmp_path / "a.npz").read_bytes() == before


def test_blank_lines_and_the_star_of_binary_files_are_no_harm(model, tmp_path):
    store.write("a", {"generator": model}, SETTINGS, tmp_path)
    sums = tmp_path / "SHA256SUMS"
    sums.write_text("\r\n\n" + sums.read_text().replace("  ", " *") + "  \n")
    assert store.read("a", "X", tmp_path)[0] == SETTINGS
