"""What is judged at a stage: whom each item is about, which responses it shows, who proposed it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models.functions import Length

from annotation.agreement.units import Drawn, ResponseFacts, UnitFacts
from annotation.choices import Stage
from annotation.models import Item, Judgment
from generation.models import GivenAttribute, GivenTurn, Response
from studies.models import Study

PERSONS = ("attribute", "prompt", "first", "second", "conversation")
CHUNK = 5_000


def judged_units(study: Study, stage: str) -> dict[str, UnitFacts]:
    """By item that was judged, and by item and response; at most four queries.

    What is about nobody is known by its prompt, or by itself.
    """
    judged = Judgment.objects.filter(study=study, stage=stage).order_by().values("item")
    rows = Item.objects.filter(study=study, stage=stage, pk__in=judged)
    responses = _responses(study) if stage == Stage.RESPONSE else {}
    persons = [f"{name}__participant" for name in PERSONS]
    found: dict[str, UnitFacts] = {}
    columns = ("ref", "first", "second", "prompt", "attribute__author", *persons)
    for ref, one, other, prompt, author, *about in rows.values_list(*columns).iterator(
        chunk_size=CHUNK
    ):
        person, drawn = _drawn(ref, prompt, about)
        shown = {pk: responses[pk] for pk in (one, other) if pk in responses}
        facts = [*(response for _, response in shown.values()), None, None]
        found[ref] = UnitFacts(person, facts[0], facts[1], author or "", drawn)
        for name, response in shown.values():
            found[f"{ref}/{name}"] = UnitFacts(person, response, drawn=drawn)
    return found


def _drawn(ref: str, prompt: Any, about: Sequence[Any]) -> tuple[str, Drawn]:
    """The person that an item is about, else its request, else itself."""
    person = next((str(person) for person in about if person), None)
    if person is not None:
        return person, "persons"
    return (f"item {ref}", "items") if prompt is None else (f"prompt {prompt}", "requests")


def _responses(study: Study) -> dict[Any, tuple[str, ResponseFacts]]:
    mentions = _mentions(study)
    rows = Response.objects.filter(study=study).annotate(length=Length("text"))
    columns = ("pk", "ref", "model", "strategy", "length", "profile")
    return {
        pk: (
            ref,
            ResponseFacts(length, mentions.get(pk, None if summed_up else False), model, strategy),
        )
        for pk, ref, model, strategy, length, summed_up in rows.values_list(*columns).iterator(
            chunk_size=CHUNK
        )
    }


def _mentions(study: Study) -> dict[Any, bool | None]:
    """By response that was given something: whether it says any of it outright.

    None where that is not known, as of turns and of what nobody looked for.
    """
    seen: dict[Any, set[bool | None]] = defaultdict(set)
    for response, is_mentioned in _given(study):
        seen[response].add(is_mentioned)
    return {
        response: True if True in each else None if None in each else False
        for response, each in seen.items()
    }


def _given(study: Study) -> Iterator[tuple[Any, bool | None]]:
    attributes = GivenAttribute.objects.filter(response__study=study).order_by()
    yield from attributes.values_list("response", "is_mentioned").iterator(chunk_size=CHUNK)
    turns = GivenTurn.objects.filter(response__study=study).order_by()
    for response in turns.values_list("response", flat=True).distinct().iterator(chunk_size=CHUNK):
        yield response, None
