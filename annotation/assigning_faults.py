"""What is wrong with how a stage's places are given out, where more than its shape tells."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from annotation.assigning import Adaptive, Adjudication, Assigning, Known, Spread
from annotation.choices import Role, Stage
from annotation.rubrics.document import Question, Rubric
from annotation.rubrics.statistic import measurement
from annotation.rubrics.values import check_value
from studies.screening import screening_faults

Path = tuple[str | int, ...]
Fault = tuple[Path, str]
ABOUT = {
    Stage.EXTRACTION: "attribute",
    Stage.RELEVANCE: "attribute and prompt",
    Stage.RESPONSE: "prompt and responses",
}


def assigning_faults(
    stage: str,
    section: Assigning,
    overlap: Mapping[str, int],
    rubric: Rubric,
    document: Mapping[str, Any],
) -> list[Fault]:
    """Everything, each with its path below the stage."""
    return [
        *_eligibility_faults(section, document),
        *_known_faults(stage, section, rubric),
        *_adaptive_faults(section.adaptive, overlap, rubric),
        *_adjudication_faults(section.adjudication, rubric),
    ]


def _eligibility_faults(section: Assigning, document: Mapping[str, Any]) -> Iterator[Fault]:
    for role in (Role.OWNER.value, Role.PEER.value, Role.EXPERT.value):
        rules = getattr(section.eligibility, role)
        if rules is None:
            continue
        at = ("eligibility", role)
        answers = [rule.model_dump() for rule in rules.answers]
        for path, sentence in screening_faults(answers, document):
            yield (*at, "answers", *path), sentence
        if rules.comprehension and not document.get("comprehension"):
            yield (*at, "comprehension"), "The study has no comprehension check."
        if document.get("slug") in rules.not_in:
            yield (*at, "not_in"), "A study cannot exclude its own raters."


def _known_faults(stage: str, section: Assigning, rubric: Rubric) -> Iterator[Fault]:
    for name in ("gold", "checks"):
        beside = getattr(section, name)
        for place, known in enumerate(beside.items if beside else ()):
            at = (name, "items", place)
            if not _fits(stage, known):
                yield at, f"An item of this stage is named by its {ABOUT[Stage(stage)]}."
            for path, sentence in expected_faults(known.expected, rubric):
                yield (*at, "expected", *path), sentence


def _fits(stage: str, known: Known) -> bool:
    if known.item:
        return True
    named = (bool(known.attribute), bool(known.prompt), bool(known.responses))
    return (
        named
        == {
            Stage.EXTRACTION: (True, False, False),
            Stage.RELEVANCE: (True, True, False),
            Stage.RESPONSE: (False, True, True),
        }[Stage(stage)]
    )


def expected_faults(expected: Mapping[str, Any], rubric: Rubric) -> Iterator[Fault]:
    """What cannot be a right answer to the rubric's questions."""
    questions = {question.key: question for question in rubric.questions}
    for key, value in expected.items():
        question = questions.get(key)
        if question is None or not question.scale:
            asked = ", ".join(row.key for row in rubric.questions if row.scale)
            yield (key,), f"No question “{key}” whose answer can be right; there is: {asked}."
            continue
        for one in _values(question, value):
            if reason := _why_impossible(question, one):
                yield (key,), f"“{one}” is no answer to “{key}”. {reason}"
                break


def _values(question: Question, value: Any) -> list[Any]:
    given = list(value.values()) if question.per != "item" and isinstance(value, dict) else [value]
    return [one for each in given for one in (each if isinstance(each, list) else [each])]


def _why_impossible(question: Question, value: Any) -> str:
    """Why nobody could give this answer; empty where they could."""
    try:
        check_value(question, value, None)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _adaptive_faults(
    adaptive: Adaptive | None, overlap: Mapping[str, int], rubric: Rubric
) -> Iterator[Fault]:
    if adaptive is None:
        return
    planned = overlap.get(adaptive.role, 0)
    if planned < 2:
        yield ("adaptive", "role"), f"Fewer than two {adaptive.role}s judge a task."
    elif adaptive.up_to <= planned:
        yield ("adaptive", "up_to"), f"This must be more than the overlap of {planned}."
    rules: dict[Path, Any] = {("adaptive", "when"): adaptive.when}
    yield from _question_faults("adaptive", adaptive.question, rules, rubric)


def _adjudication_faults(adjudication: Adjudication | None, rubric: Rubric) -> Iterator[Fault]:
    if adjudication is None:
        return
    at = ("adjudication", "rules")
    rules: dict[Path, Any] = {(*at, n): rule for n, rule in enumerate(adjudication.rules)}
    yield from _question_faults("adjudication", adjudication.question, rules, rubric)


def _question_faults(
    name: str, key: str | None, rules: Mapping[Path, Any], rubric: Rubric
) -> Iterator[Fault]:
    question = disputed_question(rubric, key)
    if question is None:
        asked = ", ".join(row.key for row in rubric.questions if row.scale)
        yield (name, "question"), f"No question “{key}” with a scale; there is: {asked}."
        return
    for path, rule in rules.items():
        if isinstance(rule, Spread) and measurement(question).scale == "nominal":
            yield path, f"“{question.key}” has no order, so its answers have no spread."


def disputed_question(rubric: Rubric, key: str | None) -> Question | None:
    """The question whose answers are looked at: the one named, else the first with a scale."""
    measured = [question for question in rubric.questions if question.scale]
    if key is None:
        return measured[0] if measured else None
    return next((question for question in measured if question.key == key), None)
