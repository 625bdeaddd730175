"""How many words somebody was shown, counted by the database."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db.models import FloatField, QuerySet, Sum, Value
from django.db.models.functions import Cast, Greatest, Length, Replace

from annotation.models import Item, Task
from collection.models import Turn
from generation.models import Attribute, Prompt, Response

CHARACTERS_PER_WORD = 8.0
"""Where words are not told apart by spaces; many, so that nobody is called too fast for it."""
AT_ONCE = 5_000

Words = dict[Any, float]


def words_in(column: str) -> Any:
    """The words of a text column: by its spaces, or by its length where it has few."""
    length = Cast(Length(column), FloatField())
    gaps = length - Cast(Length(Replace(column, Value(" "), Value(""))), FloatField()) + 1.0
    return Greatest(gaps, length / CHARACTERS_PER_WORD, output_field=FloatField())


def words_of_items(items: Collection[UUID]) -> Words:
    """By item, the words of what is judged, without its context."""
    attributes = Attribute.objects.all().annotate(words=words_in("text"))
    responses = Response.objects.all().annotate(words=words_in("text"))
    facts = list(_rows(Item.objects.all(), items, "attribute_id", "first_id", "second_id"))
    by_attribute = _words(attributes, {fact[1] for fact in facts})
    by_response = _words(responses, {side for fact in facts for side in fact[2:]})
    return {
        pk: by_attribute.get(attribute, 0.0)
        + by_response.get(first, 0.0)
        + by_response.get(second, 0.0)
        for pk, attribute, first, second in facts
    }


def words_of_tasks(tasks: Collection[UUID]) -> Words:
    """By task, the words of the context: its prompt, or its conversation."""
    facts = list(_rows(Task.objects.all(), tasks, "prompt_id", "conversation_id"))
    prompts = _words(Prompt.objects.annotate(words=words_in("text")), {fact[1] for fact in facts})
    said = _words_said({fact[2] for fact in facts})
    return {
        pk: prompts.get(prompt, 0.0) + said.get(conversation, 0.0)
        for pk, prompt, conversation in facts
    }


def _words_said(conversations: Collection[Any]) -> Words:
    found: Words = {}
    for some in _parts(conversations):
        rows = Turn.objects.filter(conversation__in=some, edition=1)
        found |= dict(rows.values_list("conversation_id").annotate(n=Sum(words_in("content"))))
    return found


def _words(rows: QuerySet[Any], wanted: Collection[Any]) -> Words:
    return dict(_rows(rows, wanted, "words"))


def _rows(rows: QuerySet[Any], wanted: Collection[Any], *columns: str) -> Iterator[Any]:
    for some in _parts(wanted):
        yield from rows.filter(pk__in=some).values_list("pk", *columns)


def _parts(wanted: Collection[Any]) -> Iterator[list[Any]]:
    there = sorted((one for one in wanted if one is not None), key=str)
    for start in range(0, len(there), AT_ONCE):
        yield there[start : start + AT_ONCE]
