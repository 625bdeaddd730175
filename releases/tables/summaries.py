"""One question about one item or target: owner, peers, experts and models side by side.

A person counts once per item, with the latest revision. The majority is the answer given by more
peers than any other; a draw has none. Options off the scale ("cannot tell") are listed with the
peers' answers and left out of majority and share. The share is that of answers that count as
"yes" where the rubric marks such options, else that of the majority or drawn answer. A published
mean or vote (a rater of the kind aggregate) stands by itself and is never a peer.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from annotation.rubrics.columns import COLUMN_KINDS
from annotation.rubrics.document import Question
from releases.columns import BOOLEAN, FLOAT, INTEGER, LONG, TEXT, Column, Kind, list_of, struct_of
from releases.questions import OPTIONS, has_positive, is_on_scale, is_positive


@dataclass(frozen=True, slots=True)
class Given:
    """An answer with who gave it; `value` is None where a judge's answer was unusable."""

    rater: str
    rater_kind: str
    rater_n: int | None
    role: str
    model: str
    prompt_version: str
    arm: str
    is_swapped: bool
    sample: int
    is_usable: bool
    value: Any


def value_type(question: Question) -> Kind:
    """The Parquet type of one answer."""
    if question.kind == "spans":
        return list_of(list_of(LONG))
    return {
        "bool": BOOLEAN,
        "string": TEXT,
        "float": FLOAT,
        "list": list_of(TEXT),
    }[COLUMN_KINDS[question.kind]]


def summary_fields(question: Question) -> list[Column]:
    """The parts of a question's summary, in their order, with their types."""
    value = value_type(question)
    decided: list[Column] = []
    if question.kind in OPTIONS:
        decided = [("peers_majority", value), ("peers_share", FLOAT)]
    elif question.kind == "slider":
        decided = [("peers_mean", FLOAT)]
    return [
        ("owner", value),
        ("peers", list_of(value)),
        ("peers_n", INTEGER),
        *decided,
        ("experts", list_of(value)),
        ("aggregates", list_of(_aggregate_type(value))),
        ("llm", list_of(_judge_type(value))),
    ]


def _aggregate_type(value: Kind) -> Kind:
    return struct_of([("rater", TEXT), ("n", INTEGER), ("value", value)])


def _judge_type(value: Kind) -> Kind:
    return struct_of(
        [
            ("judge", TEXT),
            ("model", TEXT),
            ("prompt_version", TEXT),
            ("arm", TEXT),
            ("swapped", BOOLEAN),
            ("sample", INTEGER),
            ("usable", BOOLEAN),
            ("value", value),
        ]
    )


def summary(question: Question, answers: Sequence[Given]) -> dict[str, Any]:
    """The answers to one question by part, as `summary_fields` lists them."""
    people = [given for given in answers if given.rater_kind == "human" and given.is_usable]
    owner = [given.value for given in people if given.role == "owner"]
    peers = [given.value for given in people if given.role == "peer"]
    parts = {
        "owner": owner[0] if owner else None,
        "peers": peers,
        "peers_n": len(peers),
        "experts": [given.value for given in people if given.role == "expert"],
        "aggregates": [_aggregate(g) for g in answers if g.rater_kind == "aggregate"],
        "llm": [_verdict(given) for given in answers if given.rater_kind == "llm"],
    }
    if question.kind in OPTIONS:
        parts["peers_majority"] = majority(question, peers)
        parts["peers_share"] = share(question, peers)
    elif question.kind == "slider":
        parts["peers_mean"] = fmean(peers) if peers else None
    return parts


def majority(question: Question, values: Iterable[Any]) -> Any:
    """The answer on the scale given more often than any other; None if there is a draw or none."""
    counts = Counter(value for value in values if is_on_scale(question, value)).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def share(question: Question, values: Iterable[Any]) -> float | None:
    """The share of "yes", or of the most frequent answer, among answers on the scale."""
    counted = [value for value in values if is_on_scale(question, value)]
    if not counted:
        return None
    if has_positive(question):
        return sum(is_positive(question, value) for value in counted) / len(counted)
    return Counter(counted).most_common(1)[0][1] / len(counted)


def _aggregate(given: Given) -> dict[str, Any]:
    return {"rater": given.rater, "n": given.rater_n, "value": given.value}


def _verdict(given: Given) -> dict[str, Any]:
    return {
        "judge": given.rater,
        "model": given.model,
        "prompt_version": given.prompt_version,
        "arm": given.arm,
        "swapped": given.is_swapped,
        "sample": given.sample,
        "usable": given.is_usable,
        "value": given.value,
    }
