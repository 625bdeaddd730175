"""What a person is not shown yet: what was noticed, before they wrote what they remember; and which
hidden model they talk to. Both end by themselves, and rights come first: who left sees everything.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from collection.actions.replying import KIND as REPLY
from collection.unshared.models import UnsharedConversation
from generation.owning import OWNER
from generation.parts import attributes_progress
from studies.models import ConsentScope, Participant
from studies.parts import ENDED

RECALL_FIRST: Promise = _(
    "What a model noticed is shown here after you have written what you remember"
)

A_MODEL: Promise = _("a model of this study")

Row = dict[str, Any]
CONVERSE = "converse"
"""The purpose of calls to a model that somebody talks to."""


def recall_is_awaited(person: Participant) -> bool:
    """Are they still to write what they remember, and does the study still ask them to?"""
    progress = attributes_progress(person)
    return progress is not None and not progress.is_done and _is_under_way(person)


def hidden_conversations(person: Participant) -> frozenset[UUID]:
    """Live conversations of theirs whose models are not named yet: they are not shared."""
    live = UnsharedConversation.objects.filter(
        participant=person, source=UnsharedConversation.Source.LIVE
    )
    found = frozenset(live.values_list("pk", flat=True))
    return found if found and _is_under_way(person) else frozenset()


def _is_under_way(person: Participant) -> bool:
    """Does the study still ask something of them? Else nothing is kept from them."""
    if person.left_at or person.outcome in ENDED or not person.study.is_open:
        return False
    agreed = Participant.objects.consented(ConsentScope.TAKE_PART).filter(pk=person.pk)
    return agreed.exists()


# -- Rows of the download -------------------------------------------------------


def _noticed(path: str, person: Participant) -> Q:
    """Rows that lead to an attribute of theirs which somebody else wrote."""
    theirs = Q(**{f"{path}participant": person})
    return theirs & ~Q(**{f"{path}author": OWNER})


def _answered(person: Participant) -> Q:
    """What others answered about such attributes: comments repeat them."""
    return _noticed("item__attribute__", person) & ~Q(rater__participant=person)


ROWS: Mapping[str, Callable[[Participant], Q]] = {
    "generation.Attribute": lambda person: _noticed("", person),
    "generation.Evidence": lambda person: _noticed("attribute__", person),
    "generation.Response": lambda person: Q(participant=person) | Q(prompt__participant=person),
    "annotation.Judgment": _answered,
    "llm.Call": lambda person: ~Q(purpose=CONVERSE),
}
"""Tables whose rows say what was noticed, and which of them do."""


NAMING: Mapping[str, tuple[str, ...]] = {
    "collection.UnsharedConversation": ("endpoints", "seed"),
    "collection.UnsharedTurn": ("endpoint_id", "model"),
    "llm.Call": (
        "endpoint_id",
        "model_asked",
        "model_answered",
        "provider_request_id",
        "params",
        "cost",
        "raw_response",
    ),
    "work.Job": ("last_error",),
}
"""Columns that name the model of a live conversation, or let it be found out."""


class HeldBack:
    """What is held back from a person now."""

    def __init__(self, person: Participant) -> None:
        self.person = person
        self.recall = recall_is_awaited(person)
        self.hidden = hidden_conversations(person)

    def left_of(self, label: str, rows: QuerySet[Any]) -> tuple[QuerySet[Any], int]:
        """The rows of a table that are shown, and how many are not."""
        if not self.recall or label not in ROWS:
            return rows, 0
        held = rows.model._base_manager.filter(ROWS[label](self.person)).values("pk")
        return rows.exclude(pk__in=held), rows.filter(pk__in=held).count()

    def shown(self, label: str, row: Row) -> Row:
        """A row of the download without what names a model that is hidden yet."""
        columns = NAMING.get(label, ())
        if not columns or not self.hidden or not self._is_live(label, row):
            return row
        return {name: str(A_MODEL) if name in columns else value for name, value in row.items()}

    def _is_live(self, label: str, row: Row) -> bool:
        if label == "llm.Call":
            return bool(row["purpose"] == CONVERSE)
        if label == "work.Job":
            return bool(row["kind"] == REPLY)
        return row.get("conversation_id", row["id"]) in self.hidden
