"""For a course graded with nbgrader: copy this file into the folder of the course.

It keeps the discussion of the solutions out of what nbgrader releases to students.
"""

from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.converters import GenerateAssignment

c = get_config()  # type: ignore[name-defined]  # noqa: F821  nbgrader defines it
c.GenerateAssignment.preprocessors = [
    TagRemovePreprocessor,
    *GenerateAssignment.preprocessors.default(),
]
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution-only"}
