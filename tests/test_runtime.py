import json

import pytest

from ganinv_keras import runtime


def test_scale_comes_from_the_argument_then_the_environment(monkeypatch):
    assert runtime.scale() == "smoke"
    assert runtime.scale("paper") == "paper"
    monkeypatch.delenv("GANINV_SCALE")
    assert runtime.scale() == "laptop"
    with pytest.raises(ValueError, match="Unknown scale 'labtop'. Did you mean 'laptop'?"):
        runtime.scale("labtop")


def test_settings_picks_one_column_and_prints_all(capsys):
    chosen = runtime.settings("laptop", steps=(1, 20, 300), images=(4, 5, 6))
    assert (chosen.steps, chosen.images, chosen.scale) == (20, 5, "laptop")
    printed = capsys.readouterr().out
    assert "[laptop]" in printed and "300" in printed


def test_precision_follows_the_reader(monkeypatch):
    monkeypatch.setenv("GANINV_PRECISION", "mixed_bfloat16")
    assert runtime.precision() == "mixed_bfloat16"
    monkeypatch.setenv("GANINV_PRECISION", "bfloat")
    with pytest.raises(ValueError, match="Unknown precision 'bfloat'"):
        runtime.precision()


def test_write_whole_leaves_the_old_file_when_writing_fails(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half_way(temporary):
        temporary.write_text("ne")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        runtime.write_whole(path, half_way)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_unwritable_folders_are_named(tmp_path, monkeypatch):
    not_a_folder = tmp_path / "file"
    not_a_folder.touch()
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(not_a_folder / "outputs"))
    with pytest.raises(PermissionError, match="set GANINV_OUTPUT_DIR to a folder of yours"):
        runtime.output_dir()
    with pytest.raises(PermissionError, match=r"Cannot write .*: its folder is missing, read-only or full"):
        runtime.write_whole(tmp_path / "missing" / "a.txt", lambda p: p.write_text("a"))


def test_results_of_other_scales_do_not_touch_the_committed_ones():
    path = runtime.write_results("99", {"mae": 0.5}, "smoke")
    assert path == runtime.output_dir() / "99-smoke.json"
    assert json.loads(path.read_text())["mae"] == 0.5


@pytest.mark.parametrize(("value", "silent"), [("1", True), ("", False)])
def test_the_progress_bar_can_be_turned_off(monkeypatch, value, silent):
    monkeypatch.setenv("TQDM_DISABLE", value)
    with runtime.progress(3, "step") as progress:
        assert progress.disable is silent
