"""The README says what the files say, and what it tells you to type works."""

import importlib.util
import json
import re
import subprocess
import sys

import keras
import nbformat
import numpy as np
from readme import README, ROOT, between, results_table, speed_table

from ganinv_keras import Normal
from ganinv_keras.data import NAMES

TEXT = README.read_text()
PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
COMMAND = ("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt -r requirements-site.txt "
           "&& .venv/bin/python -m pytest")  # fmt: skip


def test_the_results_are_those_of_the_files():
    table = between("results").search(TEXT).group()
    assert table == results_table()
    assert table.count("\n") == 7 and table.count("one seed") == 5
    assert between("speed").search(TEXT).group() == speed_table()


def test_the_mutation_score_is_that_of_the_file():
    rooms = json.loads((ROOT / "assets/results/mutation.json").read_text())["rooms"].values()
    drawn, killed = (sum(room[key] for room in rooms) for key in ("mutants", "killed"))
    assert f"Of {drawn} changes" in TEXT and f"noticed {killed} ({killed / drawn:.0%}".replace("%", " %)") in TEXT


def test_the_test_command_stands_there_and_is_the_one_that_ci_runs():
    grep = re.search(r"grep -m 1 '(.+?)' README", (ROOT / ".ci/run").read_text()).group(1)
    found = [line for line in TEXT.splitlines() if re.search(grep, line)]
    assert found[0] == COMMAND


def test_what_is_run_with_python_exists(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    named = set(re.findall(r"python3? -m ([\w.]+)", TEXT)) - {"pip", "venv"}
    assert len(named) > 5 and not [name for name in named if importlib.util.find_spec(name) is None]


def test_the_files_and_variables_that_are_named_exist():
    assert all((ROOT / name).exists() for name in re.findall(r"-r (\S+\.txt)", TEXT))
    assert all((ROOT / name).exists() for name in re.findall(r"notebooks/\w+\.ipynb", TEXT))
    module = "".join(path.read_text() for path in (ROOT / "ganinv_keras").rglob("*.py"))
    named = set(re.findall(r"GANINV_\w+", TEXT))
    assert len(named) >= 4 and not [name for name in named if name not in module]


def test_the_known_data_sets_are_those_of_the_module():
    listed = re.search(r"Known names: (.+?)\.", TEXT).group(1)
    assert re.findall(r"`(\w+)`", listed) == list(NAMES)


def test_the_example_for_your_own_generator_runs():
    example = re.search(r"```python\n(.+?)```", TEXT, re.DOTALL).group(1)
    z = keras.Input((128,))
    generator = keras.Model(z, keras.layers.Reshape((12, 12, 1))(keras.layers.Dense(144, "sigmoid")(z)))
    images = np.asarray(generator(Normal(128).sample(2, seed=1)))
    names = {"generator": generator, "images": images}
    exec(example, names)
    assert names["inversion"].loss.max() < 0.01 * np.mean((images[0] - images[1]) ** 2)


def test_the_map_lists_the_pages_by_their_titles():
    listed = re.findall(r"^\| \[(.+?)\]\(notebooks/(\w+\.ipynb)\)", TEXT, re.MULTILINE)
    assert [name for _, name in listed] == [page.name for page in PAGES]
    assert not [title for (title, _), page in zip(listed, PAGES, strict=True) if f'"# {title}' not in page.read_text()]


def test_the_map_of_page_00_has_the_same_pages_and_minutes():
    page = next(cell for cell in nbformat.read(PAGES[0], as_version=4).cells if "## The map" in cell.source).source
    here = re.findall(r"^\| \[.+?\]\((\w+\.ipynb)\).* (\d+) \|$", page, re.MULTILINE)
    assert here == re.findall(r"^\| \[.+?\]\(notebooks/(\w+\.ipynb)\) \| [^|]+ \| (\d+) \|", TEXT, re.MULTILINE)


def test_every_link_leads_somewhere():
    for page in (README, ROOT / "assets/README.md"):
        text = page.read_text()
        headings = {re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-")
                    for line in re.findall(r"^#+ (.+)", text, re.MULTILINE)}  # fmt: skip
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
            file, _, heading = target.partition("#")
            assert (page.parent / file).exists(), f"{page.name}: {target}"
            assert file or heading in headings, f"{page.name}: {target}"


def test_assets_are_all_described():
    described = (ROOT / "assets/README.md").read_text()
    for path in [*(ROOT / "assets/data").iterdir(), *(ROOT / "assets/weights").iterdir()]:
        assert f"{path.parent.name}/{path.name}" in described


def test_ruff_finds_nothing():
    for command in (["check"], ["format", "--check"]):
        found = subprocess.run([sys.executable, "-m", "ruff", *command, str(ROOT)], capture_output=True, text=True)
        assert found.returncode == 0, found.stdout + found.stderr
