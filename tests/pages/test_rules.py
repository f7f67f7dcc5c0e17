"""Each rule of committed pages finds a planted offence, and lets the same page pass without it."""

import pytest
import rules
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

GOOD_IMAGE = {"text/html": '<img alt="a seven" src="data:image/png;base64,iVBORw0">', "text/plain": "x"}


def page(prose="[next](01_train_a_gan.ipynb)", source="print(1)", tags=(), attachments=None, count=1, **output):
    """Return a page that keeps all rules, or breaks one in what is given."""
    if "text" in output:
        made = new_output("stream", name=output.get("name", "stdout"), text=output["text"])
    elif "ename" in output:
        made = new_output("error", ename=output["ename"], evalue="", traceback=[])
    else:
        made = new_output("display_data", data=output.get("data", GOOD_IMAGE))
    markdown = new_markdown_cell(prose, **({"attachments": attachments} if attachments else {}))
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(metadata=kernel, cells=[
        new_markdown_cell("# A title"),
        new_code_cell('scale = None  # "smoke"\nseed = 0', execution_count=1, metadata={"tags": ["parameters"]}),
        markdown,
        new_code_cell(source, execution_count=1 + count, outputs=[made], metadata={"tags": list(tags)}),
        new_code_cell("exercises.check_line(line)", execution_count=3, metadata={"tags": ["nbval-check-output"]}),
    ])  # fmt: skip


def html(text):
    return {"data": {"text/html": text, "text/plain": "x"}}


ALL = (*rules.EVERYWHERE, rules.parameters_are_flat_literals, *rules.WITH_THE_KIT, *rules.OF_PAGES)
OFFENCES = [
    (rules.images_have_alternative_text, {"data": {"image/png": "iVBORw0", "text/plain": "<Figure>"}}),
    (rules.images_have_alternative_text, {"data": {"image/svg+xml": "<svg/>"}}),
    (rules.images_have_alternative_text, html('<img src="data:image/png;base64,iVBORw0">')),
    (rules.images_have_alternative_text, html('<IMG alt=" " src="data:image/png;base64,iVBORw0">')),
    (rules.images_have_alternative_text, html("<img alt='a' src='data:,'><div><img alt src='data:,'/></div>")),
    (rules.images_have_alternative_text, {"prose": "![](attachment:a.png)"}),
    (rules.prose_names_no_file, {"prose": "![faces](../assets/faces.png)"}),
    (rules.prose_names_no_file, {"prose": "see [the faces](../assets/faces.PNG)"}),
    (rules.prose_names_no_file, {"prose": 'so:\n\n<img alt="faces" src="faces.gif">'}),
    (rules.prose_names_no_file, {"prose": "![faces](https://example.org/faces)"}),
    (rules.no_dead_progress_bar, {"data": {rules.WIDGET: {"model_id": "1"}, "text/plain": "0%| | 0/10"}}),
    (rules.no_jpeg, html('<img alt="a seven" src="data:image/jpeg;base64,9j4A">')),
    (rules.no_jpeg, {"prose": "![a](attachment:a)", "attachments": {"a": {"image/jpeg": "9j4A"}}}),
    (rules.no_dump, {"data": {"text/plain": "{'mae': 0.02}"}}),
    (rules.no_dump, {"data": {"text/plain": "<History object>"}}),
    (rules.no_dump, {"text": "trained\n<keras.src.callbacks.history.History at 0x7fb3a42110d0>\n"}),
    (rules.no_dump, {"text": "{'mae': 0.02}\n"}),
    (rules.code_cells_are_short, {"source": "\n".join(["a = 1"] * 16)}),
    (rules.prose_is_short, {"prose": "word " * 2998}),
    (rules.runs_from_top_to_bottom_once, {"count": 4}),
    (rules.nothing_went_wrong, {"text": "a warning", "name": "stderr"}),
    (rules.nothing_went_wrong, {"ename": "ValueError"}),
    (rules.no_path_of_a_machine, {"text": "read /root/data/mnist.npz"}),
    (rules.small_enough, {"text": "x" * 2_500_000}),
    (rules.marks_are_tags, {"source": "# NBVAL_CHECK_OUTPUT\nprint(1)"}),
    (rules.names_what_is_there, {"prose": "made by `python -m ganinv_keras.pretrained`"}),
    (rules.names_what_is_there, {"source": "if train:\n    from ganinv_keras.zoo import trains"}),
    (rules.blocks_of_python_parse, {"prose": "so:\n\n```python\ngan = …\n```"}),
    (rules.exercises_are_marked, {"source": "def f(): ...\n\n\nexercises.check_f(f)"}),
]  # fmt: skip


@pytest.mark.parametrize("change", [
    {}, {"tags": ["nbval-check-output"]}, {"text": "done: {'a'}\n"}, {"prose": "see `ganinv_keras.zoo.train`"},
    {"data": {"text/plain": "0.02"}},
    {"source": "\n".join(["a = 1"] * 15)}, {"prose": "word " * 2997}, {"prose": "![faces](attachment:a.png)"},
    {"prose": "```python\ngan = ...\n```\n\n```bash\npython train.py …\n```"},
    {"prose": "[a paper](https://example.org/a.pdf) and [a page](02_x.ipynb)"}, html("<table><tr></tr></table>"),
])  # fmt: skip
def test_a_good_page_keeps_all_rules(change):
    assert [rule.__name__ for rule in ALL if rule(page(**change))] == []


@pytest.mark.parametrize(("rule", "offence"), OFFENCES)
def test_a_planted_offence_is_found(rule, offence):
    assert rule(page(**offence))


def test_the_frame_of_a_page():
    notebook = page()
    notebook.metadata["widgets"] = {"state": {}}
    assert rules.no_dead_progress_bar(notebook)
    notebook.metadata["kernelspec"]["name"] = "my-kernel"
    assert rules.needs_kernel_python3(notebook)
    notebook.cells[0].source = "A title"
    assert rules.begins_with_its_title(notebook)


@pytest.mark.parametrize("source", ["import os", "scale = os.environ.get('S')", "steps = [1, 2]", ""])
def test_parameters_that_papermill_cannot_replace_are_found(source):
    notebook = page()
    notebook.cells[1].source = source
    assert rules.parameters_are_flat_literals(notebook)
    notebook.cells[1].metadata["tags"] = []
    assert rules.parameters_are_flat_literals(notebook) == ["0 cells are tagged parameters"]


def test_links_to_the_neighbours():
    assert rules.links_to_its_neighbours(page(), ["01_train_a_gan.ipynb"]) == []
    assert rules.links_to_its_neighbours(page(), ["01_train_a_gan.ipynb", "03_x.ipynb"]) == ["no link to 03_x.ipynb"]


def test_every_rule_has_an_offence():
    tried = {rule for rule, _ in OFFENCES} | {rules.begins_with_its_title, rules.needs_kernel_python3}
    assert tried | {rules.parameters_are_flat_literals} == set(ALL)
