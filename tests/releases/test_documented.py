"""What the page on formats tells of a bundle: its example loads, and every object's fields are."""

import re
from pathlib import Path

import pytest

from annotation.models import TaskItem
from annotation.screens import judge_screen
from releases.actions.importing import import_bundle
from releases.bundle import records
from releases.bundle.shapes import Part, Record

PAGE = (Path(__file__).parent.parent.parent / "docs/formats.md").read_text("utf-8")
OBJECTS = [
    each
    for each in vars(records).values()
    if isinstance(each, type) and issubclass(each, Part) and not issubclass(each, Record)
    if each.__module__ == records.__name__
]


@pytest.mark.django_db
def test_example_of_stage_one_loads_and_shows_its_passage() -> None:
    [example] = re.findall(r"```json\n(.*?)```", PAGE, re.S)

    study = import_bundle(study=None, chunks=[example.encode()]).study

    screen = judge_screen(TaskItem.objects.get(task__study=study).task, is_swapped=False)
    [span] = screen.items[0].evidence
    assert screen.turns[span.position].content[span.start : span.end] == "I hike every weekend."


@pytest.mark.parametrize("part", OBJECTS, ids=lambda part: str(part.__name__))
def test_every_field_of_every_object_is_told(part: type[Part]) -> None:
    needed = {name for name, field in part.model_fields.items() if field.is_required()}
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]

    told = [
        row
        for row in rows
        if all(f"`{name}`" in row for name in part.model_fields)
        and all(f"`{name}`*" in row for name in needed)
    ]

    assert told


@pytest.mark.parametrize("record", records.RECORDS.values(), ids=lambda each: str(each.kind))
def test_every_field_of_every_kind_is_told(record: type[Record]) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| {record.kind} |")]

    assert [name for name in record.model_fields if name != "id" and f"`{name}`" not in row] == []
