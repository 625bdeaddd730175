"""What a person is not shown yet: what was noticed, before they wrote what they remember; and which
hidden model they talk to. Both end by themselves, and rights come first: who left sees everything.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation.owning import OWNER
from generation.parts import attributes_progress
from studies.models import ConsentScope, Participant
from studies.parts import ENDED

RECALL_FIRST: Promise = _(
    "What a model noticed is shown here after you have written what you remember"
)

Row = dict[str, Any]


def recall_is_awaited(person: Participant) -> bool:
    """Are they still to write what they remember, and does the study still ask them to?"""
    if person.left_at or person.outcome in ENDED or not person.study.is_open:
        return False
    agreed = Participant.objects.consented(ConsentScope.TAKE_PART).filter(pk=person.pk)
    progress = attributes_progress(person)
    return progress is not None and not progress.is_done and agreed.exists()


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
    "llm.Call": lambda person: ~Q(purpose="converse"),
}
"""Tables whose rows say what was noticed, and which of them do."""


class HeldBack:
    """What is held back from a person now."""

    def __init__(self, person: Participant) -> None:
        self.person = person
        self.recall = recall_is_awaited(person)

    def left_of(self, label: str, rows: QuerySet[Any]) -> tuple[QuerySet[Any], int]:
        """The rows of a table that are shown, and how many are not."""
        if not self.recall or label not in ROWS:
            return rows, 0
        held = rows.model._base_manager.filter(ROWS[label](self.person)).values("pk")
        return rows.exclude(pk__in=held), rows.filter(pk__in=held).count()
