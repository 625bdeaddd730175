"""Stand-ins for the people of the walk: they choose and judge by shared words, and say so.

Nobody's judgment is invented: the raters are named `scripted`, and what they say follows from the
texts by one rule. It lets strategies that wait for people's choices, and figures that compare
models with people, be walked through where no people are.
"""

from collections.abc import Callable
from typing import Any

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import external_rater, rater_for_participant
from annotation.choices import Role
from annotation.models import Assignment, Rater
from annotation.rubrics.answers import Targets
from annotation.rubrics.document import Question
from annotation.screens import Screen, ShownItem, screen_of
from generation.words import coverage
from studies.models import Study

PEERS = ("scripted-1", "scripted-2", "scripted-3")


def choose_and_judge(study: Study, stage: str) -> dict[str, int]:
    """Let owners and three peers answer every task of the stage; judgments by role."""
    owners = [rater_for_participant(person) for person in study.participants.order_by("ref")]
    peers = [external_rater(study=study, name=name) for name in PEERS]
    return {
        "owner": sum(_answer_all(study, stage, Role.OWNER, rater) for rater in owners),
        "peer": sum(_answer_all(study, stage, Role.PEER, rater) for rater in peers),
    }


def _answer_all(study: Study, stage: str, role: Role, rater: Rater) -> int:
    count = 0
    while place := claim_next(study=study, stage=stage, role=role, rater=rater):
        count += _answer(place, role, rater)
    return count


def _answer(place: Assignment, role: Role, rater: Rater) -> int:
    screen = screen_of(place)
    entries = [Entry(shown.ref, _answers(shown, screen, role)) for shown in screen.items]
    submit_assignment(
        assignment_id=place.pk, rater=rater, fence=place.fence, entries=entries, device="program"
    )
    return len(entries)


def _answers(shown: ShownItem, screen: Screen, role: Role) -> dict[str, Any]:
    said = " ".join(_texts(screen.context_json()))
    answers: dict[str, Any] = {}
    for question in shown.rubric.questions:
        if not question.is_asked_of(role) or not _applies(question, answers):
            continue
        value = _value(question, _strength(shown, said))
        if value is not None:
            answers[question.key] = _placed(question, shown.targets, value)
    return answers


def _texts(document: Any) -> list[str]:
    if isinstance(document, dict):
        return [text for entry in document.values() for text in _texts(entry)]
    if isinstance(document, list):
        return [text for entry in document for text in _texts(entry)]
    return [document] if isinstance(document, str) else []


def _strength(shown: ShownItem, said: str) -> float:
    """0 … 1: how much of an attribute's words the context holds, or which answer holds more."""
    if shown.attribute:
        return coverage(shown.attribute.text, said)
    if len(shown.responses) == 2:
        first, second = (coverage(said, response.text) for response in shown.responses)
        return 0.5 + (first - second) / 2
    return 0.5


def _applies(question: Question, answers: dict[str, Any]) -> bool:
    return all(answers.get(key) in values for key, values in question.asked_if.items())


def _value(question: Question, strength: float) -> Any:
    """The option as far down its list as little is shared; what is free text is left out.

    The last options of a list may warn ("avoid"), which shared words do not tell: of five and more
    the last is not chosen.
    """
    answer: dict[str, Callable[[], Any]] = {
        "boolean": lambda: strength >= 0.5,
        "slider": lambda: question.min,
        "list": list,
    }
    if question.kind in answer:
        return answer[question.kind]()
    options = [option for option in question.options if not option.off_scale]
    if question.kind == "ordinal" and len(options) >= 5:
        options = options[:-1]
    place = min(int((1 - strength) * len(options)), len(options) - 1)
    return options[place].value if options else None


def _placed(question: Question, targets: Targets, value: Any) -> Any:
    places = targets.places(question)
    return value if question.per == "item" else dict.fromkeys(places, value)
