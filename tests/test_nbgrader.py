"""nbgrader itself releases, validates and grades an exercise in a course made for the test."""

import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.validator import Validator
from traitlets.config import PyFileConfigLoader

from tools import derive, notebooks

# What nbgrader and its database warn of is theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

NOTEBOOK = "02_prelu_derivative.ipynb"
POINTS = {"prelu_derivative_check": 2, "prelu_slope_derivative_check": 2}

RIGHT = ["return torch.where(x > 0, 1.0, alpha)", "return x.clamp(max=0)"]
STUB = "# Your code goes here, in place of the next line.\n    raise NotImplementedError"


class Course:
    """A scratch course with one assignment, which nbgrader makes from the solution."""

    def __init__(self, folder):
        config = PyFileConfigLoader("nbgrader_config.py", notebooks.ROOT / "tools").load_config()
        config.CourseDirectory.root = str(folder)
        config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
        self.folder, self.api, self.database = folder, NbGraderAPI(config=config), config
        source = folder / "source" / "prelu"
        source.mkdir(parents=True)
        shutil.copy(derive.SOLUTIONS / NOTEBOOK, source)
        self._must(self.api.generate_assignment("prelu"))

    def released(self):
        return nbformat.read(self.folder / "release" / "prelu" / NOTEBOOK, as_version=4)

    def marks(self, student, notebook):
        """Hand in `notebook` as `student`, and return the marks of its check cells."""
        folder = self.folder / "submitted" / student / "prelu"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / NOTEBOOK)
        self._must(self.api.autograde("prelu", student))
        with Gradebook(self.database.CourseDirectory.db_url) as gradebook:
            submission = gradebook.find_submission("prelu", student)
            return {g.name: g.score for notebook in submission.notebooks for g in notebook.grades}

    def graded(self, student):
        return nbformat.read(
            self.folder / "autograded" / student / "prelu" / NOTEBOOK, as_version=4
        )

    @staticmethod
    def _must(outcome):
        assert outcome["success"], outcome.get("error") or outcome.get("log")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader calls the command `alembic`, which lies beside this Python.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        yield Course(tmp_path_factory.mktemp("course"))


def answered(bodies):
    """The committed exercise with these two bodies in the place of the stubs."""
    notebook = nbformat.read(derive.EXERCISES / NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if "raise NotImplementedError" in cell.source]
    for cell, body in zip(cells, bodies, strict=True):
        if body is not None:
            assert STUB in cell.source
            cell.source = cell.source.replace(STUB, body)
    return notebook


def check_cells(notebook):
    return [cell for cell in notebook.cells if cell.source.startswith("checks.")]


def test_nbgrader_releases_what_the_book_derives(course):
    def cells(notebook):
        keys = ("cell_type", "source", "metadata")
        return [{key: cell[key] for key in keys if key in cell} for cell in notebook.cells]

    committed = nbformat.read(derive.EXERCISES / NOTEBOOK, as_version=4)
    for cell in committed.cells:
        stub = "# YOUR CODE HERE\n    raise NotImplementedError()"
        cell.source = cell.source.replace(STUB, stub)
    ours, theirs = cells(committed), cells(course.released())
    for cell in ours + theirs:
        cell["metadata"].get("nbgrader", {}).pop("checksum", None)
    assert ours == theirs


SUBMISSIONS = {
    "right": (RIGHT, [2, 2]),
    "wrong": (["return torch.where(x > 0, alpha, 1.0)", "return x.clamp(min=0)"], [0, 0]),
    "blank": ([None, None], [0, 0]),
    "syntax_error": (["return torch.where(x > 0, 1.0, alpha", RIGHT[1]], [0, 2]),
    "endless_function": (["while True:\n        x = x + 1", RIGHT[1]], [0, 2]),
}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_submission_gets_the_marks_it_deserves(course, student):
    bodies, expected = SUBMISSIONS[student]
    marks = course.marks(student, answered(bodies))
    assert marks == dict(zip(POINTS, expected, strict=True))
    if student == "endless_function":
        first, _ = check_cells(course.graded(student))
        assert "stopped after 5 seconds, in line 4: `x = x + 1`" in first.outputs[0].evalue


def test_student_who_edits_the_check_is_graded_by_the_original(course):
    notebook = answered(SUBMISSIONS["wrong"][0])
    for cell in check_cells(notebook):
        cell.source = "print('Right.')"
    assert course.marks("cheat", notebook) == dict.fromkeys(POINTS, 0)


@pytest.mark.parametrize(
    ("bodies", "failed"), [(RIGHT, 0), (["return x", None], 2)], ids=["right", "wrong and blank"]
)
def test_validation_says_what_fails(tmp_path, bodies, failed):
    path = tmp_path / NOTEBOOK
    nbformat.write(answered(bodies), path)
    results = Validator().validate(str(path))
    assert len(results.get("failed", [])) == failed
    assert "changed" not in results
