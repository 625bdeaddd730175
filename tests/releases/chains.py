"""Items of each stage with what they refer to, and the rows that leave about them."""

from typing import Any

from annotation.models import Item
from releases.tables.registry import TABLES
from releases.tables.table import source_of
from studies.models import Participant, Study
from tests.factories import (
    make_attribute,
    make_conversation,
    make_item,
    make_participant,
    make_prompt,
    make_response,
)


def rows_of(table: str, study: Study) -> list[dict[str, Any]]:
    return list(TABLES[table].rows(source_of(study)))


def make_peers(study: Study, count: int) -> list[Participant]:
    return [make_participant(study, f"peer{n}") for n in range(count)]


def make_attribute_item(study: Study, owner: Participant | None) -> Item:
    attribute = make_attribute(study, owner, conversation=make_conversation(study, owner))
    return make_item(study, "extraction", attribute=attribute)


def make_relevance_item(study: Study, owner: Participant | None) -> Item:
    return make_item(
        study,
        "relevance",
        attribute=make_attribute(study, owner),
        prompt=make_prompt(study, owner),
    )


def make_pair(study: Study, owner: Participant | None) -> Item:
    prompt = make_prompt(study, owner)
    first = make_response(prompt, "r1", "Anywhere.")
    given = [make_attribute(study, owner)]
    second = make_response(prompt, "r2", "The Gurten.", "relevant_attributes", given)
    return make_item(study, "response", prompt=prompt, first=first, second=second)
