"""Judgments with all that stands around them, a page per query, as the driver gives them.

Turning values would take longer than reading them: what is JSON, an id or a moment stays text
until somebody asks for it.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from annotation.actions.simulated import SIMULATED
from annotation.models import Exclusion, Judgment, Rater
from generation.models import Attribute, GivenAttribute
from releases.plain import PlainRows, as_text
from studies.models import Study
from work.statements import Given, SelectValues

FIRST_PAGE = 50
"""Small, so that something leaves at once."""
PAGE = 2_500


class Line(NamedTuple):
    """One judgment; what begins with `item_` is of its item, `place_` of where that stood."""

    ref: str
    stage: str
    role: str
    rater: str
    rubric_version: int
    arm: str
    is_swapped: bool
    sample: int
    revision: int
    answers: str | None
    is_usable: bool
    is_blinded: bool
    presentation_digest: str
    flag: str
    seconds: float | None
    idle_seconds: float | None
    pasted: int | None
    is_surplus: bool
    device: str
    submitted_at: str
    task: str
    task_purpose: str
    is_added: bool | None
    order: str | None
    place_position: int | None
    place_purpose: str | None
    item: str
    content_digest: str
    attribute: str | None
    conversation: str | None
    prompt: str | None
    first: str | None
    second: str | None
    attribute_person: str | None
    conversation_person: str | None
    prompt_person: str | None
    first_person: str | None
    second_person: str | None


COLUMNS = (
    "ref",
    "stage",
    "role",
    as_text("rater_id"),
    "rubric_version",
    "arm",
    "is_swapped",
    "sample",
    "revision",
    "answers",
    "is_usable",
    "is_blinded",
    "presentation_digest",
    "flag",
    "seconds",
    "idle_seconds",
    "pasted",
    "is_surplus",
    "device",
    as_text("submitted_at"),
    "task__ref",
    "task__purpose",
    "assignment__is_added",
    "assignment__order",
    "standing__position",
    "standing__purpose",
    "item__ref",
    "item__content_digest",
    "item__attribute__ref",
    "item__conversation__ref",
    "item__prompt__ref",
    "item__first__ref",
    "item__second__ref",
    as_text("item__attribute__participant_id"),
    as_text("item__conversation__participant_id"),
    as_text("item__prompt__participant_id"),
    as_text("item__first__participant_id"),
    as_text("item__second__participant_id"),
)


# Where an item stood in its task; twice, perhaps.
STOOD = FilteredRelation("task__task_items", condition=Q(task__task_items__item=F("item")))
LINES = PlainRows(
    Judgment.objects.filter(
        study=Given.of(Judgment, "study"), ref__gt=Given("after", models.TextField())
    )
    .annotate(standing=STOOD)
    .order_by("ref", "standing__position")
    .values_list(*COLUMNS)
)
FORGOTTEN = SelectValues(
    Attribute.objects.filter(study=Given.of(Attribute, "study"), forgotten_at__isnull=False).values(
        "pk", "ref"
    )
)


class RaterFacts(NamedTuple):
    """Who judged."""

    ref: str
    kind: str
    n: int | None
    model: str
    prompt_version: str
    person: UUID | None
    is_excluded: bool
    """Left out of the figures as the table is read."""
    is_simulated: bool
    """Made up by a dry run."""


T = TypeVar("T")


def judgment_pages(study: Study, made: Callable[[Line], T]) -> Iterator[list[T]]:
    """What is made of every judgment about what may be remembered, in the order of their refs.

    A fixed number of queries per page. A page is read to its end before it is given away, as the
    connection serves others meanwhile; `made` works while the database does, and asks it nothing.
    """
    size, before, after = FIRST_PAGE, None, ""
    while before != after:  # a page without a line is the end
        attributes, responses = _forgotten(study)
        page: list[T] = []
        before = after
        for line in _page(study, after, size):
            after = line.ref
            if (
                line.attribute not in attributes
                and line.first not in responses
                and line.second not in responses
            ):
                page.append(made(line))
        yield page
        size = PAGE


def _forgotten(study: Study) -> tuple[set[str], set[str]]:
    """Refs of the attributes that must not be remembered, and of responses made with them.

    Small sets, and a query of their own: within a page's they would be thought to cost so much
    for each row that the planner would rather begin with all items there are.
    """
    refs = {row["pk"]: row["ref"] for row in FORGOTTEN(study=study.pk)}
    if not refs:
        return set(), set()
    made = GivenAttribute.objects.filter(attribute__in=refs)
    return set(refs.values()), set(made.values_list("response__ref", flat=True))


def _page(study: Study, after: str, size: int) -> Iterator[Line]:
    """The next ones; where an item stands twice in its task, with the earlier place."""
    last = ""
    for row in LINES.first(size, study=study.pk, after=after):
        if row[0] != last:
            last = row[0]
            yield Line._make(row)


def raters_of(study: Study) -> dict[str, RaterFacts]:
    """A study's raters by the text of their id. One query; grows with their number only."""
    columns = ("ref", "kind", "n", "model", "prompt_version", "participant_id")
    left_out = Exists(Exclusion.objects.filter(rater=OuterRef("pk"), ended_at=None))
    rows = Rater.objects.filter(study=study).values_list("pk", *columns, left_out, "extra")
    known: dict[str, RaterFacts] = {}
    for pk, *facts, extra in rows:
        # PostgreSQL writes ids with dashes, SQLite without.
        known[str(pk)] = known[pk.hex] = RaterFacts._make((*facts, SIMULATED in extra))
    return known
