"""What raters decide: rubrics, items, tasks, places, judgments of people and models."""

from annotation.models.assignments import Assignment
from annotation.models.disputes import DisputeMark
from annotation.models.drafts import Draft
from annotation.models.exclusions import Exclusion
from annotation.models.judgments import Judgment, Skip
from annotation.models.raters import Rater, RubricVersion
from annotation.models.tallies import Tally
from annotation.models.tasks import Item, Task, TaskItem

__all__ = [
    "Assignment",
    "DisputeMark",
    "Draft",
    "Exclusion",
    "Item",
    "Judgment",
    "Rater",
    "RubricVersion",
    "Skip",
    "Tally",
    "Task",
    "TaskItem",
]
