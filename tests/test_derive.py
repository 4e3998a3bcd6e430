"""Exercises are what their solutions give, and a learner's work is never overwritten."""

import shutil

import nbformat
import pytest

from tools import derive

NAME = "02_prelu_derivative.ipynb"


@pytest.fixture
def folders(tmp_path):
    """Two solutions in a folder of their own, and the exercises derived from them."""
    solutions, exercises = tmp_path / "solutions", tmp_path / "exercises"
    solutions.mkdir()
    exercises.mkdir()
    for name in (NAME, "03_swish_derivative.ipynb"):
        shutil.copy(derive.SOLUTIONS / name, solutions)
    derive.write_all(solutions, exercises)
    return solutions, exercises


def change(path, edit):
    """Edit a notebook as a person would, in JupyterLab."""
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    nbformat.write(notebook, path)


def answer_cell(notebook):
    cells = (cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    return next(cells)


def write_an_answer(notebook):
    answer_cell(notebook).source = "def prelu_derivative(x, alpha):\n    return x"


def run_a_cell(notebook):
    answer_cell(notebook).execution_count = 1


def keep_an_output(notebook):
    answer_cell(notebook).outputs = [nbformat.v4.new_output("stream", text="mine")]


def add_a_cell(notebook):
    notebook.cells.append(nbformat.v4.new_markdown_cell("My notes."))


def test_committed_exercises_are_what_the_solutions_give():
    assert derive.differences() == []


def test_deriving_twice_gives_the_same_bytes(folders):
    solutions, exercises = folders
    first = (exercises / NAME).read_bytes()
    assert derive.write_all(solutions, exercises) == []
    (exercises / NAME).unlink()
    assert derive.write_all(solutions, exercises) == [exercises / NAME]
    assert (exercises / NAME).read_bytes() == first


def test_exercise_holds_no_solution(folders):
    exercise = nbformat.read(folders[1] / NAME, as_version=4)
    text = "\n".join(cell.source for cell in exercise.cells)
    assert text.count("raise NotImplementedError") == 2
    for word in ("SOLUTION", "Another way", "Common mistakes", "torch.where", "clamp"):
        assert word not in text
    for cell in exercise.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_check_cells_are_locked_and_carry_a_checksum(folders):
    exercise = nbformat.read(folders[1] / NAME, as_version=4)
    graded = [cell for cell in exercise.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert [cell.metadata.nbgrader.points for cell in graded] == [2, 2]
    for cell in graded:
        assert cell.metadata.editable is False and cell.metadata.deletable is False
        assert cell.metadata.nbgrader.checksum


@pytest.mark.parametrize("edit", [write_an_answer, run_a_cell, keep_an_output, add_a_cell])
def test_work_of_a_learner_stops_everything(folders, edit):
    solutions, exercises = folders
    other = exercises / "03_swish_derivative.ipynb"
    other.unlink()
    change(exercises / NAME, edit)
    mine = (exercises / NAME).read_bytes()
    with pytest.raises(FileExistsError, match=f"{NAME}.*nothing was written"):
        derive.write_all(solutions, exercises)
    assert (exercises / NAME).read_bytes() == mine
    assert not other.exists()


def test_file_of_unknown_origin_is_kept(folders):
    solutions, exercises = folders
    change(exercises / NAME, lambda notebook: notebook.metadata.pop("mlpbook"))
    with pytest.raises(FileExistsError, match=NAME):
        derive.write_all(solutions, exercises)


def test_saving_without_a_change_is_no_work(folders):
    solutions, exercises = folders
    before = (exercises / NAME).read_bytes()
    change(exercises / NAME, lambda notebook: notebook.metadata.language_info.update(version="3"))
    assert not derive.worked_in(exercises / NAME)
    assert derive.write_all(solutions, exercises) == [exercises / NAME]
    assert (exercises / NAME).read_bytes() == before


def test_new_solution_replaces_an_untouched_exercise(folders):
    solutions, exercises = folders
    change(solutions / NAME, lambda notebook: notebook.cells[0].update(source="# Another title"))
    assert derive.differences(solutions, exercises) == [
        f"{exercises / NAME} is not what {solutions / NAME} gives"
    ]
    assert derive.write_all(solutions, exercises) == [exercises / NAME]
    assert derive.differences(solutions, exercises) == []


def test_differences_name_what_is_missing_and_what_is_too_much(folders):
    solutions, exercises = folders
    (exercises / NAME).rename(exercises / "99_other.ipynb")
    assert derive.differences(solutions, exercises) == [
        f"{exercises / NAME} is missing",
        f"{exercises / '99_other.ipynb'} has no solution",
    ]


def test_command_reports_and_refuses(folders, monkeypatch, capsys):
    solutions, exercises = folders
    monkeypatch.setattr(derive.differences, "__defaults__", (solutions, exercises))
    monkeypatch.setattr(derive.write_all, "__defaults__", (solutions, exercises))
    assert derive.main(["--check"]) == 0
    assert derive.main([]) == 0
    change(exercises / NAME, write_an_answer)
    assert derive.main(["--check"]) == 1
    assert f"{NAME} is not what" in capsys.readouterr().out
    assert derive.main([]) == 1
    assert "Somebody worked in" in capsys.readouterr().err
