"""What a researcher knows items and answers by: first words, letters, and labels of options."""

from collections.abc import Collection, Mapping

from django.utils.text import Truncator

from annotation.agreement.answers import label_of
from annotation.models import Item, RubricVersion
from annotation.rubric_versions import rubric_of
from annotation.rubrics.document import Rubric
from studies.models import Study

FIRST_CHARACTERS = 60

Labels = Mapping[str, str]
"""By answer, as it is counted, what raters read."""


def first_words(study: Study, refs: Collection[str]) -> dict[str, str]:
    """By item's ref, how its statement begins, or its request; nothing for a whole conversation."""
    items = Item.objects.filter(study=study, ref__in=set(refs))
    rows = items.values_list("ref", "attribute__text", "prompt__text")
    return {ref: _short(statement or request or "") for ref, statement, request in rows}


def _short(text: str) -> str:
    return str(Truncator(" ".join(text.split())).chars(FIRST_CHARACTERS))


def letters_of(item: Item) -> dict[str, str]:
    """By ref, its two responses in the item's own order: what a page calls A is A of answers."""
    both = (item.first, item.second)
    if not all(both):
        return {}
    return {row.ref: f"{letter} · {row.ref}" for letter, row in zip("AB", both, strict=True) if row}


def letters_in(study: Study, refs: Collection[str]) -> dict[str, dict[str, str]]:
    """The same by item's ref, of items with two responses."""
    items = Item.objects.filter(study=study, ref__in=set(refs), second__isnull=False)
    return {item.ref: letters_of(item) for item in items.select_related("first", "second")}


def labels_in(rubric: Rubric, language: str) -> dict[str, Labels]:
    """By question, its options as raters read them."""
    return {
        question.key: {
            label_of(option.value): option.labelled(language) for option in question.options
        }
        for question in rubric.questions
    }


def labels_of(study: Study, stage: str) -> dict[str, Labels]:
    """The same of the rubric in force."""
    try:
        return labels_in(rubric_of(study, stage), study.languages[0])
    except RubricVersion.DoesNotExist:
        return {}


def wordings_of(study: Study, stage: str) -> dict[str, str]:
    """By key, the questions of the rubric in force as peers read them."""
    try:
        rubric = rubric_of(study, stage)
    except RubricVersion.DoesNotExist:
        return {}
    language = study.languages[0]
    return {question.key: question.worded("peer", language) for question in rubric.questions}


def named(labels: Labels, answer: str) -> str:
    """The answer as raters read it, or itself where it is no option."""
    return labels.get(answer) or answer
