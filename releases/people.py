"""Who a study's people are outside, and what each of them allowed to leave.

Two rules decide every export, row by row. A text that belongs to a person (said by them, about
them or for them, whoever wrote it) leaves with that person's `publish_words`. An answer leaves
with the `publish_ratings` of the rater and of everybody whom the item is about. Refs always leave.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from annotation.models import Judgment
from studies.models import ConsentScope, Participant, Study

SCOPES = (ConsentScope.PUBLISH_RATINGS.value, ConsentScope.PUBLISH_WORDS.value)
"""The scopes that releases and exports go by."""


@dataclass(frozen=True)
class People:
    """A study's participants by id: their refs, and which of them allowed what.

    Memory grows with the number of participants (about 300 bytes each), not with the data.
    """

    refs: Mapping[UUID, str]
    words: frozenset[UUID]
    ratings: frozenset[UUID]

    def ref(self, person: UUID | None) -> str | None:
        """The pseudonym, or None where there is no person."""
        return None if person is None else self.refs[person]

    def allow_words(self, person: UUID | None) -> bool:
        """Did they allow their words to be published? Nobody (None) need be asked."""
        return person is None or person in self.words

    def allow_ratings(self, person: UUID | None) -> bool:
        """Did they allow ratings to be published? Nobody (None) need be asked."""
        return person is None or person in self.ratings

    def leave_of(self, people: Iterable[UUID | None]) -> "Leave":
        """What may leave of something that all these people are behind."""
        named = set(people) - {None}
        return Leave(ratings=named <= self.ratings, words=named <= self.words)

    def digest(self) -> str:
        """SHA-256 of who allowed what, to notice a withdrawal while a release is built."""
        lines = [
            f"{self.refs[person]} {person in self.words} {person in self.ratings}"
            for person in sorted(self.refs, key=self.refs.__getitem__)
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def counts(self) -> dict[str, Any]:
        """How many there are, and how many allowed each scope, for the manifest."""
        return {
            "participants": len(self.refs),
            ConsentScope.PUBLISH_RATINGS.value: len(self.ratings),
            ConsentScope.PUBLISH_WORDS.value: len(self.words),
        }


def judgments_withheld(study: Study, people: People) -> int:
    """How many judgments stay behind because their raters did not allow ratings to be published."""
    given = Judgment.objects.filter(study=study, rater__participant__isnull=False)
    return given.exclude(rater__participant__in=people.ratings).count()


class Leave(NamedTuple):
    """Which of the two may leave: the answers to an item, the words of it."""

    ratings: bool
    words: bool


def people_of(study: Study) -> People:
    """Everybody in a study, with what they allow now. Three queries."""
    everybody = Participant.objects.filter(study=study)
    return People(
        refs=dict(everybody.values_list("id", "ref")),
        words=_ids(everybody.consented(ConsentScope.PUBLISH_WORDS)),
        ratings=_ids(everybody.consented(ConsentScope.PUBLISH_RATINGS)),
    )


def _ids(people: Any) -> frozenset[UUID]:
    return frozenset(people.values_list("id", flat=True))
