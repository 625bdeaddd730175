"""A task's places: rows that exist before anyone asks, so that N is never exceeded."""

from annotation.models import Assignment, Task
from annotation.ranks import rank_at_place, rank_of_task, seed_of


def new_places(
    *,
    task: Task,
    role: str,
    count: int,
    start: int = 1,
    first: int | None = None,
    is_added: bool = False,
) -> list[Assignment]:
    """Unsaved free places `start` … `start + count - 1`.

    `first` is the rank of the task's first place, where it was drawn already; `is_added` says that
    other answers disagree. A task about nobody has no place for an owner.
    """
    if role == "owner" and task.subject_id is None:
        return []
    if first is None:
        first = rank_of_task(seed_of(task.study, task.stage), task.id)
    return [
        Assignment(
            study_id=task.study_id,
            task=task,
            stage=task.stage,
            role=role,
            place=place,
            subject_id=task.subject_id,
            purpose=task.purpose,
            is_added=is_added,
            rank=rank_at_place(first, place),
        )
        for place in range(start, start + count)
    ]
