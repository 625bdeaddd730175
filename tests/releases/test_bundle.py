"""A study leaves as a bundle and comes back as it was: the same bytes, the same rows."""

import json
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings

from releases.actions.importing import Report, import_bundle
from releases.bundle.records import RECORDS
from releases.bundle.schema import KEPT, LEFT_OUT, LEFT_OUT_MODELS, LEFT_OUT_PACKAGES, PACKAGES
from releases.bundle.writing import WRITERS, bundle_lines
from studies.models import Study
from tests.releases.dumps import dump
from tests.releases.generated import bundles
from tests.services import on_sqlite

Record = dict[str, Any]


def imported(lines: list[bytes], study: Study | None = None) -> Report:
    return import_bundle(study=study, chunks=lines)


def as_lines(records: list[Record]) -> list[bytes]:
    return [json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records]


@pytest.mark.django_db
@settings(
    # Each takes a second; the bundles are made by the same code on both databases.
    max_examples=6 if on_sqlite() else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(records=bundles())
def test_bundle_restores_bytes_and_rows(records: list[Record]) -> None:
    study = imported(as_lines(records)).study
    state, lines = dump(study), list(bundle_lines(study))
    study.delete()

    study = imported(lines).study

    restored = dump(study), list(bundle_lines(study))
    study.delete()
    assert restored == (state, lines)


def fields_of(package: str) -> set[str]:
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config(package).get_models()
        if model._meta.label not in LEFT_OUT_MODELS
        for field in model._meta.get_fields()
        if field.concrete
    }


def test_every_field_is_in_the_bundle_or_left_out_for_a_reason() -> None:
    fields = {field for package in PACKAGES for field in fields_of(package)}

    assert fields == KEPT.keys() | LEFT_OUT.keys()
    assert not KEPT.keys() & LEFT_OUT.keys()


def test_every_package_is_walked_or_left_out_for_a_reason() -> None:
    own = {config.label for config in apps.get_app_configs() if list(config.get_models())}
    foreign = {"admin", "account", "auth", "contenttypes", "mfa", "sessions", "knox", "sites"}
    foreign.add("usersessions")

    assert own - foreign == set(PACKAGES) | LEFT_OUT_PACKAGES.keys()


def test_every_kind_is_written_in_order() -> None:
    assert list(WRITERS) == list(RECORDS)
