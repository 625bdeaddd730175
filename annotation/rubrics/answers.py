"""Are these the answers to this rubric: required, conditional, per response and per attribute."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from annotation.rubrics.document import Question, Rubric
from annotation.rubrics.values import check_value, is_no_answer

ITEM = ""
"""The place of an answer that is about the whole item."""

Places = dict[str, dict[str, Any]]
"""Answers by question and place, the place being `ITEM` or the id of a response or attribute."""
Faults = dict[tuple[str, str], str]
"""Sentences by question and place."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What of an item can be asked about one by one: ids in the item's own order.

    `text_length` is the length in code points of the text in which spans are marked per item,
    `lengths` those of single responses or attributes; a length not given is not checked. `texts`
    are the texts themselves, by place, where people quote from them.
    """

    responses: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    text_length: int | None = None
    lengths: Mapping[str, int] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """What programs are told instead of an id that tells too much."""

    def places(self, question: Question) -> tuple[str, ...]:
        """Where a question is put; none for a comparison if there is only one response."""
        if question.kind == "pairwise" and len(self.responses) == 1:
            return ()
        return {"item": (ITEM,), "response": self.responses, "attribute": self.attributes}[
            question.per
        ]

    def length_at(self, place: str) -> int | None:
        if place in self.texts:
            return len(self.texts[place])
        return self.text_length if place == ITEM else self.lengths.get(place)


@dataclass(slots=True)
class Examined:
    """Answers found good, in the order of the rubric, and what was wrong with the others."""

    values: Places
    faults: Faults


def check_answers(
    rubric: Rubric,
    *,
    role: str,
    answers: Any,
    targets: Targets,
    keys: Collection[str] | None = None,
) -> dict[str, Any]:
    """The answers as they are stored: key → value, or {target id: value} where asked per target.

    Questions without an answer are left out. `keys` limits what must be answered to these
    questions (a step of the rubric). Raises ValidationError {key: [sentences]} for anything that
    the rubric does not ask, lacks, or does not allow; "__all__" is used if there is no such key.
    """
    if not isinstance(answers, Mapping):
        raise ValidationError({NON_FIELD_ERRORS: [_("Answers must be keys with values.")]})
    places, faults = _by_place(rubric, answers, targets)
    examined = examine(rubric, role=role, places=places, targets=targets, keys=keys)
    faults |= examined.faults
    if faults:
        raise ValidationError(_by_key(faults, targets.names))
    return gathered(rubric, examined.values)


def asked_at(question: Question, *, role: str, targets: Targets, values: Places) -> tuple[str, ...]:
    """The places where a question is put to a role, given the answers to earlier questions."""
    if not question.is_asked_of(role):
        return ()
    return tuple(place for place in targets.places(question) if _applies(question, place, values))


def examine(
    rubric: Rubric,
    *,
    role: str,
    places: Places,
    targets: Targets,
    keys: Collection[str] | None = None,
    drop_unasked: bool = False,
) -> Examined:
    """Check answers question by question, so that each condition sees checked answers only.

    With `drop_unasked` an answer to a question that is not asked is left out, as a form without
    a script sends it; otherwise it is a fault.
    """
    found = Examined({}, {})
    for question in rubric.questions:
        if _waits_for_faulty(question, found.faults):
            continue
        asked = asked_at(question, role=role, targets=targets, values=found.values)
        given = places.get(question.key, {})
        is_due = question.required and (keys is None or question.key in keys)
        _examine_asked(question, asked, given, targets, is_due, found)
        if not drop_unasked:
            for place in given.keys() - set(asked):
                found.faults[question.key, place] = _unasked(question, role)
    return found


def gathered(rubric: Rubric, places: Places) -> dict[str, Any]:
    """Answers by place as they are stored."""
    return {
        question.key: places[question.key][ITEM]
        if question.per == "item"
        else dict(places[question.key])
        for question in rubric.questions
        if places.get(question.key)
    }


def spread(rubric: Rubric, answers: Mapping[str, Any]) -> Places:
    """Stored answers by place: the inverse of `gathered`."""
    return {
        question.key: {ITEM: answers[question.key]}
        if question.per == "item"
        else dict(answers[question.key])
        for question in rubric.questions
        if question.key in answers
    }


def rename_targets(
    rubric: Rubric, answers: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    """Answers with other ids for responses and attributes, such as a judge's short ones."""
    renamed = {
        key: {names.get(place, place): value for place, value in at.items()}
        for key, at in spread(rubric, answers).items()
    }
    return gathered(rubric, renamed)


def _examine_asked(
    question: Question,
    asked: tuple[str, ...],
    given: Mapping[str, Any],
    targets: Targets,
    is_due: bool,
    found: Examined,
) -> None:
    for place in asked:
        try:
            if place in given and not is_no_answer(question, given[place]):
                value = check_value(question, given[place], targets.length_at(place))
                found.values.setdefault(question.key, {})[place] = value
            elif is_due:
                found.faults[question.key, place] = _("Please answer this question.")
        except ValidationError as error:
            found.faults[question.key, place] = error.messages[0]


def _applies(question: Question, place: str, values: Places) -> bool:
    return all(
        _answer_at(values.get(key, {}), place) in wanted
        for key, wanted in question.asked_if.items()
    )


def _answer_at(answers: Mapping[str, Any], place: str) -> Any:
    return answers[place] if place in answers else answers.get(ITEM)


def _waits_for_faulty(question: Question, faults: Faults) -> bool:
    """Whether a condition hangs on an answer that was refused, so that nothing can be said."""
    return any(key in question.asked_if for key, _place in faults)


def _unasked(question: Question, role: str) -> str:
    if not question.is_asked_of(role):
        return _("This question is not asked of the role %s.") % printable(role)
    return _("This question is not asked after these answers.")


def _by_place(
    rubric: Rubric, answers: Mapping[Any, Any], targets: Targets
) -> tuple[Places, Faults]:
    known = {question.key: question for question in rubric.questions}
    places: Places = {}
    faults: Faults = {}
    for key, answer in answers.items():
        if key not in known:
            faults[printable(key), ITEM] = _("There is no such question.")
        elif known[key].per == "item":
            places[key] = {ITEM: answer}
        else:
            places[key] = _known_targets(known[key], answer, targets, faults)
    return places, faults


def _known_targets(
    question: Question, answer: Any, targets: Targets, faults: Faults
) -> dict[str, Any]:
    if not isinstance(answer, Mapping):
        message = _("Answer for each %s: its id with a value.") % question.per
        faults[question.key, ITEM] = message
        return {}
    known = targets.places(question)
    for target in answer:
        if target not in known:
            faults[question.key, printable(target)] = _("There is no such %s.") % question.per
    return {target: value for target, value in answer.items() if target in known}


def _by_key(faults: Faults, names: Mapping[str, str]) -> dict[str, list[str]]:
    sentences: dict[str, list[str]] = {}
    for (key, place), sentence in faults.items():
        text = sentence if place == ITEM else f"{names.get(place, place)}: {sentence}"
        sentences.setdefault(key, []).append(text)
    return sentences


def printable(name: object) -> str:
    """A foreign name that is safe in a message: short, and without what cannot be encoded."""
    if not isinstance(name, str):
        return f"({type(name).__name__})"
    return name[:80] if name.isprintable() else ascii(name)[1:-1][:80]
