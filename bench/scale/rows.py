"""Rows by the million: one row of each table, copied inside PostgreSQL with other ids and refs.

Nothing checks these rows but the database's own constraints. It is how a bench comes by a study of
a size that would take an import many minutes; it is no way to fill a site.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from annotation.models import Assignment, Item, Judgment, Task, TaskItem
from generation.models import Prompt, Response
from studies.models import Study

WORDS = 800
"""Characters of a response, as the other platforms were asked to show."""


def multiply(study: Study, copies: int, judged: int) -> None:
    """So many tasks like the study's one, of which so many were answered like its one judgment."""
    prompt, item, task = study.prompts.get(), study.items.get(), study.tasks.get()
    assert item.first_id
    assert item.second_id
    every = range(1, copies + 1)
    p, i, t, a, j = (f"{study.slug}-{name}" for name in "pitaj")
    sides = {side: f"{study.slug}-{side}" for side in ("first", "second")}
    _copy(Prompt, prompt.pk, every, {"id": p, "ref": p})
    for side, pk in (("first", item.first_id), ("second", item.second_id)):
        _copy(Response, pk, every, {"id": sides[side], "ref": sides[side], "prompt": p})
    _copy(Item, item.pk, every, {"id": i, "ref": i, "prompt": p, **sides})
    _copy(Task, task.pk, every, {"id": t, "ref": t, "prompt": p})
    _copy(TaskItem, task.task_items.get().pk, every, {"task": t, "item": i})
    done, free = (study.assignments.filter(state=state).get() for state in ("done", "free"))
    place = {"id": a, "task": t, "rank": "rank"}
    _copy(Assignment, done.pk, every[:judged], place)
    _copy(Assignment, free.pk, every[judged:], place)
    given = {"id": j, "ref": j, "item": i, "task": t, "assignment": a}
    _copy(Judgment, study.judgments.get().pk, every[:judged], given)
    with connection.cursor() as cursor:
        for model in (Prompt, Response, Item, Task, TaskItem, Assignment, Judgment):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def _copy(
    model: type[models.Model], pk: UUID | int, numbers: range, new: Mapping[str, str]
) -> None:
    """Rows of these numbers like one row; `new` names the columns that tell them apart.

    An id or a reference is made from a name and the row's number, so that tables agree on it.
    """
    table, key = model._meta.db_table, model._meta.pk
    assert key is not None
    assert numbers
    fields = [one for one in model._meta.concrete_fields if not isinstance(one, models.AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field, new) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS old "
            f"CROSS JOIN generate_series({numbers[0]}, {numbers[-1]}) AS n "
            f"WHERE old.{key.column} = %s",
            [pk],
        )


def _value(field: Any, new: Mapping[str, str]) -> str:
    name = new.get(field.name)
    if name is None:
        return f'old."{field.column}"'
    if name == "rank":
        return "hashint8(n)"
    if isinstance(field, models.CharField):
        return f"'{name}' || n"
    # In the order of making, as the site's own ids are, so that indexes grow at their end.
    return f"(lpad(to_hex(n), 12, '0') || left(md5('{name}' || n), 20))::uuid"


def rows_in(study: Study) -> dict[str, int]:
    """How many there are, counted."""
    names = ("Item", "Assignment", "Judgment")
    models_of = [apps.get_model("annotation", name) for name in names]
    return {model.__name__: model._base_manager.filter(study=study).count() for model in models_of}
