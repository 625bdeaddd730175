"""A task's places: rows that exist before anyone asks, so that N is never exceeded."""

from uuid import UUID

from annotation.models import Assignment, Task

SHUFFLE_BITS = 40


def rank_of(task: Task, place: int) -> int:
    """When a place is given out: first places first, tasks shuffled (by their random id)."""
    return rank_at(task.id, place)


def rank_at(task_id: UUID, place: int) -> int:
    """The same, of a task known by its id."""
    return (place - 1 << SHUFFLE_BITS) | (task_id.int & ((1 << SHUFFLE_BITS) - 1))


def new_places(*, task: Task, role: str, count: int, start: int = 1) -> list[Assignment]:
    """Unsaved free places `start` … `start + count - 1`.

    A task about nobody has no place for an owner.
    """
    if role == "owner" and task.subject_id is None:
        return []
    return [
        Assignment(
            study_id=task.study_id,
            task=task,
            stage=task.stage,
            role=role,
            place=place,
            subject_id=task.subject_id,
            purpose=task.purpose,
            rank=rank_of(task, place),
        )
        for place in range(start, start + count)
    ]
