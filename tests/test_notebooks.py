"""Every stored notebook keeps what nbval does not look at; so do the README's links."""

import pytest

from tools import check, notebooks

EXECUTED = notebooks.executed_notebooks()


def test_there_is_a_book():
    assert [path.name for path in EXECUTED][:2] == [
        "01_hidden_layers.ipynb",
        "02_activation_functions.ipynb",
    ]


@pytest.mark.parametrize("path", EXECUTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_notebook_is_in_order(path):
    assert check.problems(path) == []


@pytest.mark.parametrize("path", EXECUTED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_notebook_is_stored_as_execute_stores_it(path):
    stored, normalised = notebooks.read(path), notebooks.read(path)
    notebooks.normalise(normalised)
    assert stored == normalised


def test_readme_leads_to_every_notebook():
    readme = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")
    assert list(check.link_problems(readme, notebooks.ROOT)) == []
    missing = [path.name for path in EXECUTED if f"{path.parent.name}/{path.name}" not in readme]
    assert missing == []
