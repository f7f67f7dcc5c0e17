"""Every page runs at smoke scale, keeps to the rules for committed pages, and its numbers stay within loose bounds."""

import json
import os
from pathlib import Path

import nbformat
import papermill
import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PAGES = sorted(NOTEBOOKS.glob("*.ipynb"))
SOLUTIONS = sorted(NOTEBOOKS.glob("solutions/*.ipynb"))


def execute(page, folder, **parameters):
    """Run a page; an unknown parameter, which papermill only warns of, is an error."""
    known = papermill.inspect_notebook(page)
    if unknown := set(parameters) - set(known):
        raise ValueError(f"{page.name} has no parameter {', '.join(unknown)}; it has {', '.join(known)}")
    return papermill.execute_notebook(
        page, folder / page.name, parameters, kernel_name="python3", cwd=page.parent, execution_timeout=600,
        progress_bar=False, log_output=False,
    )  # fmt: skip


def text_of(notebook):
    """Return all that the code cells of a notebook printed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs if output.output_type == "stream")


def bounds_00(r):
    assert 0 < r["mae"] < 0.15 and 0 < r["self_inversion_mae"] < 0.15 and r["n"] == 2


def bounds_01(r):
    assert 0 <= r["d_accuracy"] <= 1 and r["steps"] == 4
    assert r["mean_norm"]["normal"] == pytest.approx(10, abs=0.2)
    assert r["mean_norm"]["uniform"] == pytest.approx((100 / 3) ** 0.5, abs=0.1)
    assert r["stored_variance_ratio"]["shipped"] == pytest.approx(1, abs=0.2)


def bounds_02(r):
    assert len(r["table"]) == 8 and all(0 < row["mae"] < 0.15 and row["n"] == 8 for row in r["table"].values())
    assert all(row["improbable"] == 0 for name, row in r["table"].items() if name.endswith("uniform kept"))
    assert r["batch_norm"]["batch"]["alone"] > r["batch_norm"]["batch"]["in_batch"]


def bounds_03(r):
    assert len(r["live"]) == 18 and all(0 < row["average"] < 4 for row in r["live"].values())
    assert all(row["below_1e-8"] == row["n"] == 2 for row in r["exact"].values())
    assert r["race"]["Levenberg–Marquardt"]["until_1e-4"] < r["paper_seconds_a_latent"]
    assert r["limits"]["dropout"]["below_1e-8"] == 0 and r["photographs"] == "avatars"


def bounds_04(r):
    assert set(r["table_1"]) == {"AEGAN", "direct", "BiGAN"} and len(r["table_2"]) == 7 and len(r["places"]) == 28
    assert all(0 < row["shuffled_ratio"] and 0 < row["dhash"] <= 1 for row in r["table_1"].values())
    assert all(0 < row["base"] < 1 for row in r["table_2"].values()) and 0 < r["random_pair"] < 0.6
    assert len(r["label_errors"]) == 8 and len(r["label_errors"]["AEGAN"]) == 6
    assert r["generated"] == 8 and r["gallery"] == 40


def bounds_05(r):
    assert len(r["table"]) == 2 and r["images"] == 8
    assert all(0 < row["L_enc"] < 2 and 0 <= row["bits"] for row in r["table"].values())
    assert all(row["fid"] > 0 for row in r["table"].values())
    assert r["toy"]["entropy_gained"] > 0.1 and r["lesson"]["difference"] < 0.3
    assert 1 < r["spectrum"]["dimensions"] < 128.01 and r["spectrum"]["bits"] < 0.01


def bounds_06(r):
    assert len(r["ablation"]) == 5 and r["images"] == 8
    assert all(0 < row["angle"] < 90 and row["fid"] > 0 for row in [*r["table"].values(), *r["ablation"].values()])
    assert r["guesses"]["the mean direction"] == pytest.approx(53.3, abs=0.5)
    assert r["guesses"]["another point"] == pytest.approx(70.2, abs=0.7)
    assert r["zeros_at_512"]["sequential, float32"] > 0.5 and max(r["round_trip"].values()) < 1e-4


BOUNDS = {"00": bounds_00, "01": bounds_01, "02": bounds_02, "03": bounds_03, "04": bounds_04, "05": bounds_05,
          "06": bounds_06}  # fmt: skip
TRAIN = ("03", "04", "05", "06")  # pages that train only when they are asked to


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_at_smoke_scale(page, tmp_path, monkeypatch):
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    number = page.name[:2]
    printed = text_of(execute(page, tmp_path, scale="smoke", **({"train": True} if number in TRAIN else {})))
    results = json.loads((tmp_path / f"{number}-smoke.json").read_text())
    assert results["scale"] == "smoke"
    BOUNDS[number](results)
    assert "○" in printed and "✓" not in printed, "the exercises must fail on their stubs"


def test_the_page_on_digits_takes_faces(tmp_path, monkeypatch):
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    execute(NOTEBOOKS / "05_dynamic_latent_scale.ipynb", tmp_path, scale="smoke", data_set="avatars")
    results = json.loads((tmp_path / "05_avatars-smoke.json").read_text())
    assert results["data_set"] == "avatars" and len(list(tmp_path.glob("05_avatars_*.jpg"))) == 7
    bounds_05(results)


@pytest.mark.parametrize("page", SOLUTIONS, ids=lambda page: page.stem)
def test_solutions_are_right(page, tmp_path):
    printed = text_of(execute(page, tmp_path))
    stubs = text_of(nbformat.read(NOTEBOOKS / page.name, as_version=4)).count("○")
    assert printed.count("✓") == stubs > 0 and "✗" not in printed and "○" not in printed


def test_every_page_has_its_solutions():
    assert [page.name for page in PAGES] == [page.name for page in SOLUTIONS]


def test_an_unknown_parameter_fails(tmp_path):
    with pytest.raises(ValueError, match="00_start_here.ipynb has no parameter scael; it has scale, seed"):
        execute(PAGES[0], tmp_path, scael="smoke")


@pytest.mark.parametrize("page", PAGES + SOLUTIONS, ids=lambda page: str(page.relative_to(NOTEBOOKS)))
def test_committed_page_is_clean(page):
    notebook = nbformat.read(page, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), "run from top to bottom, once"
    outputs = [output for cell in code for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert notebook.metadata.kernelspec.name == "python3" and "widgets" not in notebook.metadata
    assert page.stat().st_size < 1_000_000
    assert notebook.cells[0].source.startswith("# ") and notebook.cells[0].cell_type == "markdown"
    text = page.read_text()
    machine = [str(Path.home()), str(NOTEBOOKS.parent), "/home/", "/root/", "/tmp/", "/content/", "site-packages"]
    assert not [path for path in machine if path in text]


def test_pages_were_committed_at_laptop_scale():
    results = NOTEBOOKS.parent / "assets" / "results"
    for page in PAGES:
        assert json.loads((results / f"{page.name[:2]}.json").read_text())["scale"] == "laptop"
    assert os.environ["GANINV_SCALE"] == "smoke"
