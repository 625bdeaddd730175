"""How well an extractor found what people said about themselves.

The reference is what owners wrote or confirmed (authors `owner` and `imported`). A proposal and a
reference match if they share at least half of the content words of the one that has fewer
(`generation.words.overlap`), within the same conversation or, more leniently, the same person. A
label before a colon ("diet: vegan") names a category and is not compared.
Matches are one to one, as many as possible, so that ten proposals of one fact count once.
Precision is matches over proposals, recall matches over references, summed over all units that
have either (micro average).

Each extractor is scored as it proposed (raw), after what a verifier complained of was refined or
dropped (refined), and as it stands after merging too (current). A representative counts in every
conversation in which it or one of its duplicates was said.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from generation.models import AttributeLink, AttributeQuerySet, Evidence, Verification
from generation.queries import standing_in_for
from generation.words import overlap
from studies.models import Study

LEAST_OVERLAP = 0.5
REFERENCE_AUTHORS = ("owner", "imported")
RULE = f"shared content words of the shorter text ≥ {LEAST_OVERLAP}, one to one"

Kind = AttributeLink.Kind
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

    Only units that have a reference count: where nobody said what is right, nothing is wrong. An
    arm is None where nothing was verified, or merged.
    """
    proposed = study.attributes.filter(author=author)
    raw = _raw(proposed)
    return {
        "author": author,
        "rule": RULE,
        **_levels(study, raw),
        "refined": _levels(study, _refined(proposed)) if _is_verified(raw) else None,
        "current": _levels(study, proposed.current()) if _is_linked(raw) else None,
    }


def conversation_scores(
    study: Study, author: str, missed: Mapping[Any, Sequence[str]]
) -> dict[Any, Scores]:
    """What an author proposed at first, by conversation that has a reference.

    `missed` are statements that belong to the reference besides those written or confirmed.
    """
    said = _by_conversation(study, _raw(study.attributes.filter(author=author)))
    meant = _by_conversation(study, study.attributes.filter(author__in=REFERENCE_AUTHORS))
    for conversation, texts in missed.items():
        meant[conversation] = [*meant.get(conversation, []), *texts]
    return {
        unit: _scores({unit: said.get(unit, [])}, {unit: texts})
        for unit, texts in meant.items()
        if texts
    }


def _raw(proposed: AttributeQuerySet) -> AttributeQuerySet:
    """What was proposed at first, without what it was refined to."""
    refined = AttributeLink.objects.filter(kind=Kind.REFINED, other__in=proposed)
    return proposed.exclude(pk__in=refined.values("other"))


def _refined(proposed: AttributeQuerySet) -> AttributeQuerySet:
    """What is left without what was refined or dropped, not merged."""
    refined = AttributeLink.objects.filter(kind=Kind.REFINED, attribute__in=proposed)
    dropped = Verification.objects.filter(dropped_at__isnull=False, attribute__in=proposed)
    kept = proposed.exclude(pk__in=refined.values("attribute"))
    return kept.exclude(pk__in=dropped.values("attribute"))


def _is_verified(raw: AttributeQuerySet) -> bool:
    return Verification.objects.filter(attribute__in=raw).exists()


def _is_linked(raw: AttributeQuerySet) -> bool:
    return AttributeLink.objects.filter(attribute__in=raw, replaces=True).exists()


def extraction_authors(study: Study) -> list[str]:
    """The models that proposed attributes in this study, sorted."""
    authors = study.attributes.exclude(author__in=REFERENCE_AUTHORS).values_list("author")
    return sorted({author for (author,) in authors})


def _levels(study: Study, proposed: AttributeQuerySet) -> dict[str, Any]:
    reference = study.attributes.filter(author__in=REFERENCE_AUTHORS)
    said, meant = _by_conversation(study, proposed), _by_conversation(study, reference)
    return {
        "conversation": _scores(said, meant).as_json(),
        "person": _scores(_by_person(proposed), _by_person(reference)).as_json(),
    }


def _scores(proposed: Units, reference: Units) -> Scores:
    pairs = [(proposed.get(unit, []), texts) for unit, texts in reference.items()]
    return Scores(
        units=len(pairs),
        proposed=sum(len(one) for one, _ in pairs),
        reference=sum(len(other) for _, other in pairs),
        matched=sum(matches(one, other) for one, other in pairs),
    )


def _by_conversation(study: Study, rows: AttributeQuerySet) -> Units:
    """Each attribute in the conversations of its evidence, and of that of its duplicates."""
    texts = dict(rows.order_by("ref").values_list("pk", "text"))
    duplicates = AttributeLink.objects.filter(study=study, kind=Kind.DUPLICATE)
    heads = standing_in_for(duplicates.values_list("attribute", flat=True), [Kind.DUPLICATE])
    found: dict[Any, set[Any]] = defaultdict(set)
    evidence = Evidence.objects.filter(attribute__study=study)
    for attribute, conversation in evidence.values_list("attribute_id", "conversation_id"):
        said = attribute if attribute in texts else heads.get(attribute)
        found[said].add(conversation)
    return _grouped((unit, text) for said, text in texts.items() for unit in found[said])


def _by_person(rows: AttributeQuerySet) -> Units:
    return _grouped(
        rows.filter(participant__isnull=False).order_by("ref").values_list("participant_id", "text")
    )


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
