"""An exercise as a learner does it in JupyterLab: untouched, wrong, right."""

import shutil

import pytest
from playwright.sync_api import expect

from tools import notebooks

NAME = "02_prelu_derivative.ipynb"
ANSWER = "def prelu_derivative(x, alpha):\n    return {}"
WRONG, RIGHT = "torch.where(x > 0, alpha, 1.0)", "torch.where(x > 0, 1.0, alpha)"


@pytest.fixture
def exercise(lab, open_notebook):
    """The exercise, open; returns a function that writes an answer and runs all cells."""
    (lab.root / "learner").mkdir(exist_ok=True)
    shutil.copy(notebooks.ROOT / "exercises" / NAME, lab.root / "learner")
    opened = open_notebook(f"learner/{NAME}")

    def verdict_on(answer=None):
        """The output under the first check."""
        if answer is not None:
            opened.page.evaluate(
                """(source) => [...jupyterapp.shell.currentWidget.content.model.cells]
                    .find((cell) => cell.sharedModel.getSource().startsWith('def prelu_derivative'))
                    .sharedModel.setSource(source)""",
                ANSWER.format(answer),
            )
        opened.run_all()
        return opened.page.locator(".jp-OutputArea-output").first

    return verdict_on


def test_untouched_then_wrong_then_right(exercise):
    expect(exercise()).to_contain_text("Still to do: prelu_derivative is not written yet")
    wrong = exercise(WRONG)
    expect(wrong).to_contain_text("Not yet.")
    expect(wrong).to_contain_text("The two sides are swapped")
    expect(wrong).not_to_contain_text("Traceback")
    expect(exercise(RIGHT)).to_contain_text("Right.")
