"""Indexes: every reference has one, and none is written beside another that begins with it."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

OURS = [
    model for model in apps.get_models() if (settings.BASE_DIR / model._meta.app_label).is_dir()
]
Columns = tuple[str, ...]


def of_fields(model: type[models.Model]) -> Iterator[Columns]:
    """Indexes that stand in a field's own line."""
    for field in model._meta.local_concrete_fields:
        if getattr(field, "db_index", False) or field.unique:
            yield (field.name,)


def whole(model: type[models.Model], *, but_for_null: bool = False) -> Iterator[Columns]:
    """Other indexes that hold every row, or every one whose first column is not null."""
    for one in (*model._meta.indexes, *model._meta.constraints):
        if isinstance(one, models.Index | models.UniqueConstraint) and one.fields:
            columns = tuple(name.lstrip("-") for name in one.fields)
            is_set = models.Q((f"{columns[0]}__isnull", False))
            if one.condition is None or (but_for_null and one.condition == is_set):
                yield columns


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_index_begins_another(model: type[models.Model]) -> None:
    beginnings = {columns[:1] for columns in whole(model)}

    assert [columns for columns in of_fields(model) if columns in beginnings] == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_reference_is_found_by_an_index(model: type[models.Model]) -> None:
    # Else deleting what it refers to reads the whole table.
    first = {columns[0] for columns in (*of_fields(model), *whole(model, but_for_null=True))}
    keys = {field.name for field in model._meta.local_fields if field.is_relation}

    assert keys - first == set()
