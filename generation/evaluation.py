"""How well an extractor found what people said about themselves.

The reference is what owners wrote or confirmed (authors `owner` and `imported`). A proposal and a
reference match if they share at least half of the content words of the one that has fewer
(`generation.words.overlap`), within the same conversation or, more leniently, the same person. A
label before a colon ("diet: vegan") names a category and is not compared.
Matches are one to one, as many as possible, so that ten proposals of one fact count once.
Precision is matches over proposals, recall matches over references, summed over all units that
have either (micro average).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from generation.models import Attribute, Evidence
from generation.words import overlap
from studies.models import Study

LEAST_OVERLAP = 0.5
REFERENCE_AUTHORS = ("owner", "imported")
RULE = f"shared content words of the shorter text ≥ {LEAST_OVERLAP}, one to one"

LABEL = re.compile(r"\A[^\W\d][\w -]{0,40}: ")

Units = dict[Any, list[str]]
"""Texts of attributes by what they are compared within."""


@dataclass(frozen=True)
class Scores:
    """Counts, and the figures made of them; an undefined figure is None."""

    units: int
    proposed: int
    reference: int
    matched: int

    @property
    def precision(self) -> float | None:
        """Which share of the proposals was right; None without any."""
        return self.matched / self.proposed if self.proposed else None

    @property
    def recall(self) -> float | None:
        """Which share of the reference was found; None without any."""
        return self.matched / self.reference if self.reference else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both: 2·matches / (proposals + references)."""
        both = self.proposed + self.reference
        return 2 * self.matched / both if both else None

    def as_json(self) -> dict[str, Any]:
        """Counts and figures."""
        figures = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**asdict(self), **figures}


def extraction_scores(study: Study, author: str) -> dict[str, Any]:
    """An author's attributes against the people's, per conversation and per person.

    Only units that have a reference count: where nobody said what is right, nothing is wrong.
    """
    return {
        "author": author,
        "rule": RULE,
        "conversation": _scores(study, author, _by_conversation).as_json(),
        "person": _scores(study, author, _by_person).as_json(),
    }


def extraction_authors(study: Study) -> list[str]:
    """The models that proposed attributes in this study, sorted."""
    authors = study.attributes.exclude(author__in=REFERENCE_AUTHORS).values_list("author")
    return sorted({author for (author,) in authors})


def _scores(study: Study, author: str, gather: Callable[[Study, Sequence[str]], Units]) -> Scores:
    reference = gather(study, REFERENCE_AUTHORS)
    proposed = gather(study, [author])
    pairs = [(proposed.get(unit, []), texts) for unit, texts in reference.items()]
    return Scores(
        units=len(pairs),
        proposed=sum(len(one) for one, _ in pairs),
        reference=sum(len(other) for _, other in pairs),
        matched=sum(matches(one, other) for one, other in pairs),
    )


def _by_conversation(study: Study, authors: Sequence[str]) -> Units:
    rows = Evidence.objects.filter(attribute__study=study, attribute__author__in=authors)
    pairs = rows.values_list("conversation_id", "attribute_id", "attribute__text").distinct()
    return _grouped((unit, text) for unit, _, text in pairs.order_by("attribute__ref"))


def _by_person(study: Study, authors: Sequence[str]) -> Units:
    rows = Attribute.objects.filter(
        study=study, author__in=authors, participant__isnull=False
    ).order_by("ref")
    return _grouped(rows.values_list("participant_id", "text"))


def _grouped(pairs: Any) -> Units:
    units: Units = defaultdict(list)
    for unit, text in pairs:
        units[unit].append(text)
    return dict(units)


def matches(proposed: Sequence[str], reference: Sequence[str]) -> int:
    """The size of the largest one-to-one matching (augmenting paths, Kuhn 1955)."""
    said = [LABEL.sub("", text) for text in reference]
    fitting = [
        [place for place, other in enumerate(said) if overlap(one, other) >= LEAST_OVERLAP]
        for one in proposed
    ]
    holder: dict[int, int] = {}
    return sum(_place(number, fitting, holder, set()) for number in range(len(proposed)))


def _place(number: int, fitting: list[list[int]], holder: dict[int, int], tried: set[int]) -> bool:
    for place in fitting[number]:
        if place in tried:
            continue
        tried.add(place)
        if place not in holder or _place(holder[place], fitting, holder, tried):
            holder[place] = number
            return True
    return False
