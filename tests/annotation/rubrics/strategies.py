"""Hypothesis strategies: rubrics of every kind, scale, target, condition and role, with answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from annotation.rubrics.answers import Places, Targets, asked_at, gathered
from annotation.rubrics.document import Question, Rubric, parse_rubric
from annotation.rubrics.faults import SCALES, WITH_OPTIONS
from annotation.rubrics.forms import AnswerForm
from annotation.rubrics.posted import field_text

ROLES = ("owner", "peer", "expert", "llm")
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20
).filter(str.strip)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"))
VALUES = st.from_regex(r"[a-z0-9][a-z0-9_./ %-]{0,8}[a-z0-9]", fullmatch=True)
# Made once: to make a strategy takes longer than to draw from it.
SEVERAL_VALUES = st.lists(VALUES, min_size=2, max_size=6, unique=True)
YES_OR_NO = st.booleans()
KINDS = st.sampled_from(sorted(SCALES))
SCALES_OF = {kind: st.sampled_from(scales) for kind, scales in SCALES.items()}
ROLE = st.sampled_from(ROLES)
SOME_ROLES = st.none() | st.lists(ROLE, min_size=1, unique=True)
WORDINGS = st.dictionaries(
    ROLE,
    st.dictionaries(st.sampled_from(["en", "ko", "es-MX"]), WORDS, min_size=1),
    min_size=1,
)
HINTS = st.none() | WORDINGS
LISTS = st.lists(WORDS.map(str.strip).filter(bool), min_size=1, max_size=4)
FULL_TEXTS = TEXTS.filter(str.strip)
SPANS = st.sampled_from([[[0, 1]], [[2, 5], [5, 9]], [[0, 10]]])


@dataclass(frozen=True)
class Answered:
    """A rubric with a role, an item's targets, and answers that are valid for them."""

    rubric: Rubric
    role: str
    targets: Targets
    answers: dict[str, Any]


@st.composite
def option_lists(draw: st.DrawFn, kind: str, scale: str | None) -> list[dict[str, Any]]:
    """Options that fit the kind; those of a pairwise question run from one side to the other."""
    values = draw(SEVERAL_VALUES)
    options: list[dict[str, Any]] = [{"value": value, "label": {"en": value}} for value in values]
    if kind == "pairwise":
        _give_sides(options, draw(YES_OR_NO))
        if scale == "nominal":
            options = draw(st.permutations(options)) if "strength" in options[0] else options
    for option in options:
        option["positive"] = draw(YES_OR_NO)
    if draw(YES_OR_NO):
        options.append({"value": "cannot tell", "label": {"en": "?"}, "off_scale": True})
    return options


def _give_sides(options: list[dict[str, Any]], with_strength: bool) -> None:
    half = len(options) // 2
    for distance in range(half):
        strength = {"strength": half - distance} if with_strength else {}
        options[distance] |= {"favours": "first", **strength}
        options[-1 - distance] |= {"favours": "second", **strength}
    if len(options) % 2:
        options[half]["favours"] = "none"


@st.composite
def question_documents(draw: st.DrawFn, key: str, earlier: Sequence[Any]) -> dict[str, Any]:
    kind = draw(KINDS)
    per = draw(st.sampled_from(["item", "attribute"] + ["response"] * (kind != "pairwise")))
    question: dict[str, Any] = {
        "key": key,
        "kind": kind,
        "scale": draw(SCALES_OF[kind]),
        "per": per,
        "required": draw(YES_OR_NO),
        "roles": draw(SOME_ROLES),
        "wording": draw(WORDINGS),
        "hint": draw(HINTS),
        "asked_if": draw(conditions(per, earlier)),
    }
    if kind in WITH_OPTIONS:
        question["options"] = draw(option_lists(kind, question["scale"]))
    elif kind == "slider":
        question |= draw(GRIDS)
    return question


@st.composite
def grids(draw: st.DrawFn) -> dict[str, float]:
    step = draw(st.sampled_from([1, 0.5, 0.1, 0.25, 10]))
    low = draw(st.integers(-20, 20))
    return {"min": low, "max": round(low + draw(st.integers(1, 20)) * step, 6), "step": step}


GRIDS = grids()


@st.composite
def conditions(draw: st.DrawFn, per: str, earlier: Sequence[Any]) -> dict[str, list[Any]]:
    """A condition on up to two earlier questions; on a pairwise one, both sides."""
    bases = [each for each in earlier if each["per"] in ("item", per) and condition_values(each)]
    if not bases:
        return {}
    chosen = draw(st.lists(st.sampled_from(bases), max_size=2, unique_by=lambda each: each["key"]))
    found = {}
    for base in chosen:
        values = condition_values(base)
        some = st.lists(st.sampled_from(values), min_size=1, unique=True)
        found[base["key"]] = values if base["kind"] == "pairwise" else draw(some)
    return found


def condition_values(question: dict[str, Any]) -> list[Any]:
    if question["kind"] == "boolean":
        return [True, False]
    return [option["value"] for option in question.get("options", []) if "favours" in option] or [
        option["value"] for option in question.get("options", [])
    ]


@st.composite
def rubric_documents(draw: st.DrawFn) -> dict[str, Any]:
    questions: list[dict[str, Any]] = []
    for index in range(draw(st.integers(1, 5))):
        questions.append(draw(question_documents(f"q{index}", questions)))
    for question in questions[: draw(st.integers(0, len(questions)))]:
        question["locked"] = True
    return {"version": draw(st.integers(1, 9)), "questions": questions}


RUBRICS = rubric_documents().map(parse_rubric)


@st.composite
def item_targets(draw: st.DrawFn) -> Targets:
    responses = draw(st.sampled_from([(), ("r1",), ("r1", "r2")]))
    attributes = tuple(f"a{index}" for index in range(draw(st.integers(0, 3))))
    return Targets(responses, attributes, text_length=draw(st.integers(10, 200)))


TARGETS = item_targets()


def values_of(question: Question) -> st.SearchStrategy[Any]:
    """Values that are stored as they stand."""
    if question.kind == "boolean":
        return YES_OR_NO
    if question.options:
        return st.sampled_from([option.value for option in question.options])
    if question.kind == "slider":
        assert question.min is not None
        assert question.max is not None
        assert question.step is not None
        low, step = question.min, question.step
        count = round((question.max - low) / step)
        return st.integers(0, count).map(lambda place: float(round(low + place * step, 6)))
    if question.kind == "spans":
        return SPANS
    if question.kind == "text":
        return FULL_TEXTS
    return LISTS


@st.composite
def answered(draw: st.DrawFn) -> Answered:
    """A rubric and valid answers: all that is required, and some of the rest."""
    rubric, targets, role = draw(RUBRICS), draw(TARGETS), draw(ROLE)
    places: Places = {}
    for question in rubric.questions:
        for place in asked_at(question, role=role, targets=targets, values=places):
            if question.required or draw(YES_OR_NO):
                places.setdefault(question.key, {})[place] = draw(values_of(question))
    return Answered(rubric, role, targets, gathered(rubric, places))


def posted(form: AnswerForm, answers: dict[str, Any]) -> dict[str, str]:
    """What a browser would post for these answers."""
    fields: dict[str, str] = {}
    for key, answer in answers.items():
        question = form.rubric.question(key)
        at = {"": answer} if question.per == "item" else answer
        for place, value in at.items():
            name = form.add_prefix(form.field_name(key, place))
            fields[name] = str(field_text(question, value)).replace("\n", "\r\n")
    return fields
