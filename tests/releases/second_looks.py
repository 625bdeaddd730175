"""What hypothesis draws of links between attributes, and of what verifiers said of them."""

from collections.abc import Callable
from datetime import UTC
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

Record = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat())
RELATIONS = st.sampled_from(["duplicate", "superseded", "conflict", "refined"])
KEPT = st.dictionaries(st.sampled_from(["days", "linkage"]), st.integers(0, 9))


def second_looks(draw: Draw, attributes: list[Record]) -> list[Record]:
    """At most one link between neighbours, and a verdict or none on each; without circles."""
    links = [_link(draw, one["id"], other["id"]) for one, other in pairwise(attributes)]
    verdicts = [_verdict(draw, one["id"]) for one in attributes]
    return [record for record in [*links, *verdicts] if draw(st.booleans())]


def _link(draw: Draw, one: str, other: str) -> Record:
    return {
        "kind": "attribute_link", "attribute": one, "other": other, "relation": draw(RELATIONS),
        "author": "lexical", "score": draw(st.none() | st.floats(0, 1)), "at": draw(MOMENTS),
        "provenance": draw(KEPT),
    }  # fmt: skip


def _verdict(draw: Draw, attribute: str) -> Record:
    record = {"kind": "verification", "attribute": attribute, "author": "llm:v", "supported": True}
    if draw(st.booleans()):
        dropped_at = draw(st.none() | MOMENTS)
        record |= {"supported": False, "fault": "other", "dropped_at": dropped_at}
    return record | {"at": draw(MOMENTS), "provenance": draw(KEPT)}
