"""How much of what people said of themselves each extractor found, with intervals by person."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from annotation.agreement.chance import Floats
from annotation.agreement.figures import Undefined
from annotation.agreement.resampled.draws import RESAMPLES, Draws, divided, point, terms_of
from annotation.given_answers import GivenAnswers
from annotation.models import Item
from collection.models import Conversation
from generation.evaluation import RULE, conversation_scores, extraction_authors
from studies.models import Study

Row: TypeAlias = dict[str, Any]
NAMES = ("precision", "recall", "f1")
NOTHING = "no conversation has a statement that its owner wrote, confirmed or missed"


def extractor_rows(study: Study, given: GivenAnswers, resamples: int = RESAMPLES) -> list[Row]:
    """Per extractor: what it proposed against what owners wrote, confirmed or said is missing.

    By conversation; one without a statement of its owner is left out, as nothing says what is
    right there.
    """
    missed = _missed(study, given)
    persons = dict(Conversation.objects.filter(study=study).values_list("pk", "participant"))
    return [
        _row(author, conversation_scores(study, author, missed), persons, resamples)
        for author in extraction_authors(study)
    ]


def _missed(study: Study, given: GivenAnswers) -> dict[Any, list[str]]:
    """What owners said is missing, by conversation."""
    refs = dict(given.missed())
    rows = Item.objects.filter(study=study, ref__in=refs, conversation__isnull=False)
    found: dict[Any, list[str]] = defaultdict(list)
    for ref, conversation in rows.values_list("ref", "conversation"):
        found[conversation] += refs[ref]
    return found


def _row(author: str, scores: Mapping[Any, Any], persons: Mapping[Any, Any], resamples: int) -> Row:
    counts = np.array([[each.matched, each.proposed, each.reference] for each in scores.values()])
    matched, proposed, reference = counts.reshape(-1, 3).sum(axis=0).tolist()
    row: Row = {"author": author, "rule": RULE, "conversations": len(scores), "matched": matched,
                "proposed": proposed, "reference": reference}  # fmt: skip
    if not reference:
        return row | dict.fromkeys(NAMES) | {"intervals": {}, "reason": NOTHING}
    numbers: dict[Any, int] = {}
    people = [persons.get(unit) or unit for unit in scores]
    clusters = np.array([numbers.setdefault(each, len(numbers)) for each in people], np.intp)
    unit, zero = np.arange(len(scores)), np.zeros(len(scores), np.intp)
    terms = terms_of([(unit, zero, at, counts[:, at].astype(float)) for at in range(3)], 1, 3)
    found = Draws(clusters, resamples).intervals(terms, _figures)
    for name, value, [interval] in zip(NAMES, point(terms, _figures)[:, 0].tolist(), found,
                                       strict=True):  # fmt: skip
        row[name] = None if np.isnan(value) else value
        row.setdefault("intervals", {})[name] = (
            None if isinstance(interval, Undefined) else [*interval]
        )
    return row


def _figures(sums: Floats) -> Floats:
    matched, proposed, reference = (sums[:, at] for at in range(3))
    return np.stack([
        divided(matched, proposed), divided(matched, reference),
        divided(2 * matched, proposed + reference),
    ])  # fmt: skip
