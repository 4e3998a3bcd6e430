"""An untouched exercise runs to its end and says what is still to do."""

import pytest

from tools import derive, notebooks

EXERCISES = sorted(derive.EXERCISES.glob("*.ipynb"))


def run(notebook, allow_errors=False):
    client = notebooks.client(notebook, derive.EXERCISES)
    client.allow_errors = allow_errors
    client.execute()


def checks_of(notebook):
    return [cell for cell in notebook.cells if cell.source.startswith("checks.")]


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_untouched_exercise_says_what_is_still_to_do(path):
    notebook = notebooks.read(path)
    run(notebook)
    assert checks_of(notebook)
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        if cell in checks_of(notebook):
            assert [output.output_type for output in outputs] == ["stream"]
            name = cell.source.partition("(")[0].removeprefix("checks.")
            assert outputs[0].text.startswith(f"Still to do: {name} is not written yet.")
        else:
            assert outputs == []


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_exercise_and_solution_have_the_same_name_and_checks(path):
    solution = notebooks.read(derive.SOLUTIONS / path.name)
    graded = [c.source for c in checks_of(solution) if "nbgrader" in c.metadata]
    assert graded == [cell.source for cell in checks_of(notebooks.read(path))]
    for cell in checks_of(solution):
        assert [output.output_type for output in cell.outputs] == ["stream"]
        assert "Right." in cell.outputs[0].text


def test_wrong_answer_shows_the_message_and_no_traceback():
    notebook = notebooks.read(derive.EXERCISES / "02_prelu_derivative.ipynb")
    wrong, broken = "return torch.where(x > 0, alpha, 1.0)", "y = x + 1\n    return y.item()"
    for cell, body in zip(_answers(notebook), (wrong, broken), strict=True):
        cell.source = cell.source.replace("raise NotImplementedError", body)
    run(notebook, allow_errors=True)
    first, second = (cell.outputs for cell in checks_of(notebook))
    assert [output.output_type for output in first + second] == ["error", "error"]
    assert "Not yet." in first[0].traceback[0]
    assert "The two sides are swapped" in first[0].traceback[0]
    assert len("\n".join(first[0].traceback).splitlines()) == 2
    assert len("\n".join(second[0].traceback).splitlines()) <= 4
    assert "mlpbook" not in "\n".join(first[0].traceback + second[0].traceback)


def test_crash_names_the_line_of_the_cell():
    notebook = notebooks.read(derive.EXERCISES / "02_prelu_derivative.ipynb")
    cell = _answers(notebook)[0]
    cell.source = "def prelu_derivative(x, alpha):\n    y = x + 1\n    return y.nothing_like_it"
    run(notebook, allow_errors=True)
    message = checks_of(notebook)[0].outputs[0].evalue
    assert "stops with an AttributeError in line 3: `return y.nothing_like_it`" in message


def _answers(notebook):
    return [cell for cell in notebook.cells if "raise NotImplementedError" in cell.source]
