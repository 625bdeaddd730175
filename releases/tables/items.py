"""Items as exports see them: what they refer to, whom they are about, how they were shown."""

from collections.abc import Collection, Iterator
from typing import NamedTuple
from uuid import UUID

from annotation.choices import Stage
from annotation.models import Item, TaskItem
from releases.paging import pages
from studies.models import Study

ITEMS_PER_PAGE = 500


class ItemFacts(NamedTuple):
    """An item's ids (for joining here) and refs (for going out), and the people behind it."""

    ref: str
    id: UUID
    stage: str
    content_digest: str
    attribute_id: UUID | None
    attribute: str | None
    attribute_person: UUID | None
    conversation: str | None
    conversation_person: UUID | None
    prompt_id: UUID | None
    prompt: str | None
    prompt_person: UUID | None
    first_id: UUID | None
    first: str | None
    first_person: UUID | None
    second_id: UUID | None
    second: str | None
    second_person: UUID | None

    @property
    def people(self) -> tuple[UUID | None, ...]:
        """Everybody whom it is about; usually one person, several times."""
        return (
            self.attribute_person,
            self.conversation_person,
            self.prompt_person,
            self.first_person,
            self.second_person,
        )

    @property
    def is_missing(self) -> bool:
        """Is it the question, once per conversation, what is missing?"""
        return self.stage == Stage.EXTRACTION and self.attribute_id is None

    @property
    def subject(self) -> UUID | None:
        """The person whom it is about, if there is one."""
        return next((person for person in self.people if person), None)


COLUMNS = (
    "ref",
    "id",
    "stage",
    "content_digest",
    "attribute_id",
    "attribute__ref",
    "attribute__participant_id",
    "conversation__ref",
    "conversation__participant_id",
    "prompt_id",
    "prompt__ref",
    "prompt__participant_id",
    "first_id",
    "first__ref",
    "first__participant_id",
    "second_id",
    "second__ref",
    "second__participant_id",
)


def item_pages(study: Study, stage: str) -> Iterator[list[ItemFacts]]:
    """A stage's items in the order of refs, a page at a time; one query per page."""
    items = Item.objects.remembered().filter(study=study, stage=stage).values_list(*COLUMNS)
    for page in pages(items, ITEMS_PER_PAGE):
        yield [ItemFacts._make(row) for row in page]


class Placing(NamedTuple):
    """Where an item stands in a task, and why."""

    position: int
    purpose: str


def placings(tasks: Collection[UUID], items: Collection[UUID]) -> dict[tuple[UUID, UUID], Placing]:
    """By task and item, the first place where it stands there. One query."""
    rows = (
        TaskItem.objects.filter(task__in=tasks, item__in=items)
        .order_by("-position")
        .values_list("task_id", "item_id", "position", "purpose")
    )
    return {(task, item): Placing(position, purpose) for task, item, position, purpose in rows}
