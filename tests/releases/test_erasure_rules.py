"""Every table and every text of the project has a rule for erasing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from releases.erasure.rules import DELETED, EMPTIED, GOES_WITH, KEPT
from releases.subjects import ABOUT
from studies.models import Participant

TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def tables() -> list[Any]:
    return list(apps.get_models(include_auto_created=True))


def texts(model: Any) -> Iterator[str]:
    for one in model._meta.concrete_fields:
        if isinstance(one, TEXTS) and not one.choices:
            yield f"{model._meta.label}.{one.name}"


def test_every_text_has_a_rule() -> None:
    ruled = {*DELETED, *GOES_WITH, *KEPT}
    columns = [one for model in tables() if model._meta.label not in ruled for one in texts(model)]

    assert [one for one in columns if one not in EMPTIED and one not in KEPT] == []


def test_every_way_to_a_participant_has_a_rule() -> None:
    leading = {
        model._meta.label
        for model in tables()
        for one in model._meta.concrete_fields
        if one.is_relation and (one.related_model is Participant or one.name == "subject")
    }

    assert leading - {*DELETED, "studies.Payment"} == set()


def test_every_table_that_hangs_on_a_deleted_one_has_a_rule() -> None:
    hanging = {
        model._meta.label
        for model in tables()
        for one in model._meta.concrete_fields
        if one.is_relation and one.related_model._meta.label in ABOUT
    }

    assert hanging - {*DELETED, "studies.Payment"} == set()


def test_every_rule_is_about_something_there_is() -> None:
    known = {model._meta.label for model in tables()}
    known |= {one for model in tables() for one in texts(model)}
    optional = {"usersessions.UserSession"}

    assert {*DELETED, *GOES_WITH, *EMPTIED, *KEPT} - known - optional == set()


@pytest.mark.django_db
@pytest.mark.parametrize("label", ABOUT)
def test_every_path_leads_to_participants(label: str) -> None:
    model: Any = apps.get_model(label)
    for path in ABOUT[label]:
        assert list(model._base_manager.filter(**{path: "0" * 32})) == []
