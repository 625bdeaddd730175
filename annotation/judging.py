"""A screen as a question to a model, and the model's answer as entries for it.

A judge is shown what a peer is shown, under short names of the question's own (`i1`, `A`, `B`,
`a1`): the rows' names may tell which model or strategy stands behind them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotation.actions.judgments import LONGEST_COMMENT, Entry
from annotation.judges import PROFILE, JudgeSpec
from annotation.rubrics.answers import Targets, rename_targets
from annotation.rubrics.document import Rubric
from annotation.rubrics.judging import instructions, judge_schema, read_judgments
from annotation.screens import Screen, ShownItem
from generation import prompt_files
from generation.injections import flags_in
from llm import exchange

SIDES = "ABCDEFGH"
SHAPE = (
    'Answer with one JSON object: {"items": {…}}, with one entry for every item under its id, and'
    " in it one entry for every question under its key. Where a question is asked for each response"
    " or attribute, the entry maps their ids to the answers."
)
WITH_REASONS = (
    ' Before "items" the object has "reasoning": for every item, under its id, in a few sentences'
    " what speaks for which answer. Write it first, and answer by it."
)
REASONING = "reasoning"
WITH_PROFILE = (
    'What else is known about the person stands under "profile", for you to judge in their place.'
)


@dataclass(frozen=True)
class Named:
    """An item under its short names."""

    short: str
    shown: ShownItem
    targets: Targets
    rows: Mapping[str, str]
    """Short names of responses and attributes → the rows' own."""


def named_items(screen: Screen) -> list[Named]:
    """The screen's items that ask a judge anything, each under short names."""
    asked = [shown for shown in screen.items if _asks(shown.rubric)]
    return [_named(f"i{number}", shown) for number, shown in enumerate(asked, 1)]


def _asks(rubric: Rubric) -> bool:
    return any(question.is_asked_of("llm") for question in rubric.questions)


def _named(short: str, shown: ShownItem) -> Named:
    sides = dict(zip(SIDES, shown.targets.responses, strict=False))
    given = shown.targets.attributes if _asks_about_given(shown.rubric) else ()
    attributes = {f"a{number}": ref for number, ref in enumerate(given, 1)}
    targets = replace(
        shown.targets, responses=tuple(sides), attributes=tuple(attributes), lengths={}
    )
    return Named(short, shown, targets, {**sides, **attributes})


def _asks_about_given(rubric: Rubric) -> bool:
    """Is a judge asked about what a generator was given? Seeing it would tell which is which."""
    return any(one.per == "attribute" and one.is_asked_of("llm") for one in rubric.questions)


# -- The question --------------------------------------------------------------


def prompt_for(
    screen: Screen, spec: JudgeSpec, *, sample: int, profile: Mapping[str, Any] | None
) -> exchange.Prompt:
    """The question that a judge is asked about a screen. `sample` is the seed."""
    file = spec.prompt_file(screen.stage)
    items = named_items(screen)
    facts = {"context": _context(screen), "items": [_fact(named) for named in items]}
    if spec.arm == PROFILE:
        facts["profile"] = dict(profile or {})
    text = file.render(
        profile=WITH_PROFILE if spec.arm == PROFILE else "",
        questions=_questions(screen, items),
        shape=SHAPE + WITH_REASONS if spec.reasoning else SHAPE,
    )
    return exchange.Prompt(
        task="judge",
        messages=prompt_files.messages(text, facts),
        inputs={
            **facts,
            "stage": screen.stage,
            "rubrics": _rubrics(items),
            REASONING: spec.reasoning,
        },
        version=file.version,
        temperature=spec.temperature,
        max_tokens=spec.max_tokens,
        seed=sample,
        flags=flags_in(facts),
        # Some protocols take no seed, an endpoint may set one of its own, judges may ask alike.
        identity=f"{spec.name} {sample}",
    )


def _context(screen: Screen) -> dict[str, Any]:
    """The screen's context without the rows' names."""
    context = screen.context_json()
    return {
        kind: {key: value for key, value in about.items() if key not in ("id", "type")}
        for kind, about in context.items()
    }


def _fact(named: Named) -> dict[str, Any]:
    shown = named.shown
    fact: dict[str, Any] = {"id": named.short, "kind": shown.kind}
    if shown.attribute:
        fact["attribute"] = shown.attribute.text
    if shown.evidence:
        fact["evidence"] = [
            {"turn": span.position, "start": span.start, "end": span.end} for span in shown.evidence
        ]
    if shown.responses:
        pairs = zip(named.targets.responses, shown.responses, strict=True)
        fact["responses"] = [{"id": side, "text": row.text} for side, row in pairs]
    if named.targets.attributes:
        given = zip(named.targets.attributes, shown.given, strict=True)
        fact["attributes"] = [{"id": short, "text": row.text} for short, row in given]
    return fact


def _questions(screen: Screen, items: Sequence[Named]) -> str:
    """Of the stage, and below them those of items that have questions of their own."""
    language = screen.task.study.languages[0]
    parts = []
    for rubric, group in _by_rubric(items):
        text = instructions(rubric, language=language, first_language=language)
        if rubric != screen.rubric:
            text = f"Of {', '.join(one.short for one in group)} instead:\n\n{text}"
        parts.append(text)
    return "\n\n".join(parts)


def _rubrics(items: Sequence[Named]) -> dict[str, Any]:
    """By short id, for those who compute their answer."""
    return {
        named.short: named.shown.rubric.model_dump(mode="json", exclude_defaults=True)
        for named in items
    }


def _by_rubric(items: Sequence[Named]) -> list[tuple[Rubric, list[Named]]]:
    groups: list[tuple[Rubric, list[Named]]] = []
    for named in items:
        for rubric, group in groups:
            if rubric == named.shown.rubric:
                group.append(named)
                break
        else:
            groups.append((named.shown.rubric, [named]))
    return groups


# -- The answer ----------------------------------------------------------------


def schema_for(screen: Screen, *, reasoning: bool = False) -> dict[str, Any]:
    """The JSON schema of an answer: one entry per item, by the item's own rubric.

    With `reasoning` a reason for each comes before all entries, so that it is written first.
    """
    items = named_items(screen)
    schemas = [judge_schema(rubric, _pairs(group)) for rubric, group in _by_rubric(items)]
    schema = schemas[0] if len(schemas) == 1 else _merged(schemas)
    return _reasoned(schema, [named.short for named in items]) if reasoning else schema


def _reasoned(schema: dict[str, Any], shorts: Sequence[str]) -> dict[str, Any]:
    """The schema with a text for each item before the entries."""
    entries = schema["properties"]["items"]
    texts = {**entries, "properties": {short: {"type": "string"} for short in shorts}}
    properties = {REASONING: texts, **schema["properties"]}
    return {**schema, "properties": properties, "required": list(properties)}


def _pairs(group: Sequence[Named]) -> list[tuple[str, Targets]]:
    return [(named.short, named.targets) for named in group]


def _merged(schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One schema that asks for the entries of all, each group's shapes under names of its own."""
    entries: dict[str, Any] = {}
    shapes: dict[str, Any] = {}
    for number, schema in enumerate(schemas, 1):
        for short, link in schema["properties"]["items"]["properties"].items():
            name = link["$ref"].rsplit("/", 1)[-1]
            entries[short] = {"$ref": f"#/$defs/group_{number}_{name}"}
        shapes |= {f"group_{number}_{name}": shape for name, shape in schema["$defs"].items()}
    items = {**schemas[0]["properties"]["items"]}
    items |= {"properties": entries, "required": list(entries)}
    return {**schemas[0], "properties": {"items": items}, "$defs": shapes}


def entries_from(screen: Screen, value: Any, raw: str) -> tuple[list[Entry], list[str]]:
    """An entry per item, in shown terms, and a sentence for each that could not be used.

    What can't be used has no answers and keeps `raw`; a fault in one item leaves others good.
    """
    items = named_items(screen)
    asked = {named.shown.ref for named in items}
    reasons = _reasons(value)
    entries = [Entry(item=one.ref, answers={}) for one in screen.items if one.ref not in asked]
    faults: list[str] = []
    for rubric, group in _by_rubric(items):
        read = read_judgments(rubric, value, _pairs(group))
        for named in group:
            answers = read[named.short]
            if isinstance(answers, str):
                faults.append(f"{named.short}: {answers}")
                entries.append(Entry(item=named.shown.ref, answers=None, raw=raw))
            else:
                renamed = rename_targets(rubric, answers, named.rows)
                reason = reasons.get(named.short, "")
                entries.append(Entry(item=named.shown.ref, answers=renamed, comment=reason))
    return entries, faults


def _reasons(value: Any) -> dict[str, str]:
    """By short id, cut to the length of a comment; what is no text is left out."""
    given = value.get(REASONING) if isinstance(value, Mapping) else None
    if not isinstance(given, Mapping):
        return {}
    return {
        short: text[:LONGEST_COMMENT].replace("\0", "\ufffd")
        for short, text in given.items()
        if isinstance(text, str)
    }


def unusable_entries(screen: Screen, raw: str) -> list[Entry]:
    """An entry without answers for each item."""
    return [Entry(item=shown.ref, answers=None, raw=raw) for shown in screen.items]
