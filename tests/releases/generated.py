"""Whole studies drawn by Hypothesis, as lines of bundles. Everybody in them is invented."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.releases.second_looks import second_looks

Record = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.one_of(
    st.sampled_from(["", " ", "\r\n", "e\u0301", "é", "\u2028", "😀😀", "한국어", "\u202eabc"]),
    st.text(CHARACTERS, max_size=20),
)
REFS = st.text(CHARACTERS, min_size=1, max_size=6)
TIMES = st.datetimes().map(lambda time: f"{time.isoformat()}Z")
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
        TEXTS,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(TEXTS, inner, max_size=2)
    ),
    max_leaves=4,
)  # fmt: skip
EXTRAS = st.dictionaries(REFS.map("x-{}".format), VALUES, max_size=2)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=2)
DIGESTS = st.sampled_from(["0" * 64, "abcdef01" * 8])
SCOPES = ("contact", "models", "peers", "publish_words", "take_part")


def _options(*values: str, **marks: list[str]) -> list[Record]:
    named = [{"value": value, "label": {"en": value}} for value in values]
    for option, side in zip(named, marks.get("favours", []), strict=False):
        option["favours"] = side
    return named


def _question(key: str, kind: str, **rest: Any) -> Record:
    return {"key": key, "kind": kind, "wording": {"peer": {"en": key}}, "required": False} | rest


RESPONSE = {
    "version": 1,
    "questions": [
        _question(
            "better", "pairwise", scale="nominal",
            options=_options("1", "2", "tie", favours=["first", "second", "none"]),
        ),
        _question("quality", "slider", scale="interval", per="response", min=0, max=3, step=0.5),
        _question(
            "effect", "ordinal", scale="ordinal", per="attribute", options=_options("lo", "hi")
        ),
        _question("why", "text"),
    ],
}  # fmt: skip
PLAIN = {"version": 3, "questions": [_question("yes", "boolean", scale="nominal")]}
OLDER = PLAIN | {"version": 2}
OVERLAP = {"owner": 1, "peer": 2, "expert": 1}
DOCUMENT = {
    "slug": "drawn",
    "title": {"en": "Drawn", "ko": "뽑은 것"},
    "stages": {
        "extraction": {"overlap": OVERLAP, "rubric": PLAIN},
        "relevance": {"overlap": {"peer": 3}, "rubric": PLAIN},
        "response": {"overlap": OVERLAP, "rubric": RESPONSE},
    },
}
RUBRICS = [
    {"stage": "extraction", "version": 2, "document": OLDER},
    {"stage": "extraction", "version": 3, "document": PLAIN},
    {"stage": "relevance", "version": 3, "document": PLAIN},
    {"stage": "response", "version": 1, "document": RESPONSE},
]


@dataclass
class Drawing:
    """A study while it is drawn."""

    draw: Draw
    records: list[Record] = field(default_factory=list)
    items: list[Record] = field(default_factory=list)
    given: dict[str, list[str]] = field(default_factory=dict)
    """Response → its attributes."""
    people: list[str | None] = field(default_factory=lambda: [None])
    subjects: dict[str, str | None] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, **rest: Any) -> Record:
        """A line with a name and with fields that nobody knows."""
        record = {"kind": kind, "id": self.ref(kind), **rest, **self.draw(EXTRAS)}
        self.records.append(record)
        return record

    def ref(self, kind: str) -> str:
        """A name new to its kind."""
        self.used[kind] += 1
        return f"{self.draw(REFS)}{self.used[kind]}"

    def some(self, strategy: st.SearchStrategy[Any], most: int = 2) -> list[Any]:
        """A few of them."""
        drawn: list[Any] = self.draw(st.lists(strategy, max_size=most))
        return drawn

    def one(self, *values: Any) -> Any:
        """One of them."""
        return self.draw(st.sampled_from(values))

    def flip(self) -> bool:
        """Yes or no."""
        return bool(self.draw(st.booleans()))


@st.composite
def bundles(draw: Draw) -> list[Record]:
    """The lines of a bundle, shuffled."""
    drawing = Drawing(draw)
    state = drawing.one("open", "closed")
    drawing.add("study", document=DOCUMENT, rubrics=RUBRICS, state=state)
    for _ in range(drawing.one(0, 1, 2)):
        drawing.people.append(_person(drawing))
    for person in drawing.people:
        _life(drawing, person)
    _judging(drawing)
    shuffled: list[Record] = draw(st.permutations(drawing.records))
    return shuffled


def _person(drawing: Drawing) -> str:
    draw = drawing.draw
    consent = {"basis": drawing.one("platform", "external", "none")}
    told = {"scopes": draw(st.lists(st.sampled_from(SCOPES), unique=True)), "version": "1"}
    told |= {"given_at": draw(st.none() | TIMES)}
    rows = [
        {"scope": scope, "version": version, "given_at": draw(TIMES), "withdrawn_at": gone}
        for scope in drawing.some(st.sampled_from(SCOPES), most=1)
        for version, gone in (("0", draw(TIMES)), ("00", draw(st.none() | TIMES)))
    ]
    person = drawing.add(
        "participant", traits=draw(OBJECTS), consent=consent | (told if drawing.flip() else {}),
        consents=rows, language=drawing.one(None, "ko"), is_expert=drawing.flip(),
    )  # fmt: skip
    return str(person["id"])


def _life(drawing: Drawing, person: str | None) -> None:
    conversations = [_conversation(drawing, person) for _ in range(drawing.one(0, 1, 2))]
    attributes = [_attribute(drawing, person, conversations) for _ in range(drawing.one(0, 1, 2))]
    for conversation in conversations:
        if drawing.flip():
            _item(drawing, person, "extraction", conversation=conversation["id"])
    for attribute in attributes:
        if drawing.flip():
            _item(drawing, person, "extraction", attribute=attribute["id"])
    drawing.records += second_looks(drawing.draw, attributes)
    for _ in range(drawing.one(0, 1, 2)):
        _prompt(drawing, person, attributes, conversations)


def _conversation(drawing: Drawing, person: str | None) -> Record:
    turns = []
    for position in range(drawing.one(0, 1, 3)):
        turn = _turn(drawing) | drawing.draw(EXTRAS)
        if drawing.flip():
            turn["position"] = position * 2
        if position and drawing.flip():
            turn |= {"edition": 3, "earlier": [_turn(drawing) | {"edition": 1}]}
        turn.setdefault("position", position * 2)
        turns.append(turn)
    return drawing.add(
        "conversation", participant=person, source=drawing.one("live", "donated", "imported"),
        models=drawing.some(TEXTS), turns=turns, title=drawing.one(None, "Skis"),
    )  # fmt: skip


def _turn(drawing: Drawing) -> Record:
    role = drawing.one("user", "assistant", "system", "tool")
    return {"role": role, "content": drawing.draw(TEXTS)}


def _attribute(drawing: Drawing, person: str | None, conversations: list[Record]) -> Record:
    evidence = [_evidence(drawing, conversation) for conversation in conversations]
    return drawing.add(
        "attribute", participant=person, text=drawing.draw(TEXTS),
        type=drawing.one(None, "skill"), explicitness=drawing.one(None, "implied"),
        scope=drawing.one(None, "for_now"), evidence=evidence + evidence[:1],
        author=drawing.one("owner", "imported", "llm:m"), provenance=drawing.draw(OBJECTS),
    )  # fmt: skip


def _evidence(drawing: Drawing, conversation: Record) -> Record:
    evidence = {"conversation": conversation["id"]}
    spoken = [turn for turn in conversation["turns"] if turn["content"]]
    if spoken and drawing.flip():
        turn = drawing.one(*spoken)
        start = drawing.draw(st.integers(0, len(turn["content"]) - 1))
        end = drawing.draw(st.integers(start + 1, len(turn["content"])))
        evidence |= {"turn": turn["position"], "start": start, "end": end}
        evidence |= {"edition": turn.get("edition", 1)}
    return evidence


def _prompt(
    drawing: Drawing, person: str | None, attributes: list[Record], conversations: list[Record]
) -> None:
    before = [_turn(drawing) | drawing.draw(EXTRAS) for _ in range(drawing.one(0, 2))]
    prompt = drawing.add(
        "prompt", participant=person, text=drawing.draw(TEXTS), before=before,
        type=drawing.one(None, "recall"),
    )["id"]  # fmt: skip
    for attribute in attributes:
        if drawing.flip():
            _item(drawing, person, "relevance", prompt=prompt, attribute=attribute["id"])
        sources = st.sampled_from(["owner", "peers", "llm:Z", "llm:a"])
        for source in drawing.draw(st.lists(sources, unique=True)):
            drawing.records.append(
                {
                    "kind": "selection", "prompt": prompt, "attribute": attribute["id"],
                    "source": source, "value": drawing.flip(),
                    "provenance": drawing.draw(OBJECTS), **drawing.draw(EXTRAS),
                }
            )  # fmt: skip
    read = [turn for one in conversations for turn in _given_turns(drawing, one)]
    responses = [_response(drawing, prompt, person, attributes, read) for _ in range(2)]
    _item(drawing, person, "response", prompt=prompt, responses=responses)
    _item(drawing, person, "response", prompt=prompt, responses=responses[1:])


def _given_turns(drawing: Drawing, conversation: Record) -> list[Record]:
    return [
        {
            "conversation": conversation["id"],
            "turn": turn["position"],
            "edition": turn.get("edition", 1),
        }
        for turn in conversation["turns"]
        if drawing.flip()
    ]


def _response(
    drawing: Drawing,
    prompt: str,
    person: str | None,
    attributes: list[Record],
    read: list[Record],
) -> str:
    given = [attribute["id"] for attribute in attributes if drawing.flip()]
    ref = drawing.add(
        "response", prompt=prompt, participant=drawing.one(None, person),
        strategy=drawing.one(None, "generic"), attributes=given,
        positions=[5 * n for n in range(len(given))] if drawing.flip() else None,
        mentioned={one: drawing.flip() for one in given[:1]}, model=drawing.one(None, "m"),
        turns=read[::-1] if drawing.flip() else [],
        text=drawing.draw(TEXTS), provenance=drawing.draw(OBJECTS),
    )["id"]  # fmt: skip
    drawing.given[ref] = given
    return str(ref)


def _item(drawing: Drawing, person: str | None, stage: str, **about: Any) -> None:
    digest = drawing.draw(st.none() | DIGESTS)
    item = drawing.add("item", stage=stage, content_digest=digest, **about)
    drawing.items.append(item)
    drawing.subjects[item["id"]] = person


def _judging(drawing: Drawing) -> None:
    screens = list(_screens(drawing))
    raters = [drawing.add("rater", rater_kind="human", participant=one) for one in drawing.people]
    left_out = [{"reason": "x", "at": drawing.draw(TIMES)}] if drawing.flip() else []
    raters.append(drawing.add("rater", rater_kind="human", exclusions=left_out))
    parameters = drawing.draw(OBJECTS)
    judge = {"rater_kind": "llm", "model": "m", "prompt_version": "v1", "parameters": parameters}
    raters.append(drawing.add("rater", **judge))
    raters.append(drawing.add("rater", rater_kind="aggregate", n=3))
    for task, items in screens:
        places: dict[str, int] = {}
        for rater in raters:
            if drawing.flip():
                _sitting(drawing, task, items, rater, places)


def _screens(drawing: Drawing) -> Iterator[tuple[str | None, list[Record]]]:
    """Items with a task of their own, and items that share one with their person's others."""
    for stage in ("extraction", "relevance", "response"):
        for person in drawing.people:
            items = [
                item
                for item in drawing.items
                if item["stage"] == stage and drawing.subjects[item["id"]] == person
            ]
            if len(items) > 1 and drawing.flip():
                yield _task(drawing, stage, person, items), items
            else:
                yield from ((None, [item]) for item in items)


def _task(drawing: Drawing, stage: str, person: str | None, items: list[Record]) -> str:
    parts = [
        {
            "item": item["id"],
            "purpose": drawing.one("main", "gold", "check", "repeat"),
            "expected": drawing.draw(st.none() | OBJECTS),
            "position": 2 * n,
        }
        for n, item in enumerate(items)
    ]
    said = {"participant": person, "edition": drawing.one(None, 2)} if drawing.flip() else {}
    said |= {"purpose": drawing.one("main", "gold", "adjudication")} if drawing.flip() else {}
    return str(drawing.add("task", stage=stage, items=parts, **said)["id"])


def _sitting(
    drawing: Drawing, task: str | None, items: list[Record], rater: Record, places: dict[str, int]
) -> None:
    """What one rater did with one screen."""
    draw = drawing.draw
    is_human = rater["rater_kind"] == "human"
    role = "llm" if rater["rater_kind"] == "llm" else "peer"
    if is_human:
        subject = drawing.subjects[items[0]["id"]]
        is_own = rater.get("participant") is not None and rater["participant"] == subject
        role = "owner" if is_own else drawing.one("peer", "expert")
    places[role] = places.get(role, 0) + drawing.one(1, 2)
    seat = {"place": places[role], "seed": draw(st.none() | st.integers(-9, 2**62))}
    seat["swapped"] = drawing.flip()
    # An item's own task is to be decided, so places may be added to it.
    seat["added"] = task is None and role in ("peer", "expert") and drawing.flip()
    about = {"rater": rater["id"], **({"task": task} if task else {})}
    if is_human and drawing.flip():
        for item in items:
            skip = {"kind": "skip", "item": item["id"], "reason": draw(TEXTS), "at": draw(TIMES)}
            drawing.records.append(skip | about | seat | {"role": role})
        return
    own = seat | {"shown": draw(st.permutations(range(len(items)))), "screen": draw(DIGESTS)}
    own |= {"finished_at": draw(TIMES), "surplus": drawing.flip()}
    for item in items:
        for sample in (0, 1) if role == "llm" else (0,):
            for revision in range(1, drawing.one(2, 3)):
                numbers = {"sample": sample, "revision": revision, "role": role}
                _judgment(drawing, item, about | numbers | (own if is_human else {}))


def _judgment(drawing: Drawing, item: Record, rest: Record) -> None:
    draw = drawing.draw
    swapped = rest.pop("swapped", False)
    order = item.get("responses")
    if order and len(order) == 2:
        order = order[::-1] if swapped else order
    else:
        rest["swapped"] = swapped
    is_usable = rest["role"] != "llm" or drawing.flip()
    drawing.add(
        "judgment", item=item["id"], order=order, **rest,
        answers=_answers(drawing, item) if is_usable else None, usable=is_usable,
        raw=draw(st.none() | TEXTS), arm=drawing.one("plain", "profile"),
        rubric_version=_version(drawing, item), blinded=drawing.flip(),
        submitted_at=draw(TIMES), seconds=draw(st.none() | st.floats(0, 1e6)),
        idle_seconds=draw(st.none() | st.floats(0, 1e6)), pasted=drawing.one(None, 0, 12),
        comment=draw(TEXTS), flag=drawing.one(None, "broken"), device=drawing.one(None, "phone"),
        presentation=draw(st.none() | DIGESTS),
    )  # fmt: skip


def _version(drawing: Drawing, item: Record) -> int | None:
    if item["stage"] == "extraction" and "attribute" in item:
        return int(drawing.one(2, 3))
    return None


def _answers(drawing: Drawing, item: Record) -> Record:
    if item["stage"] == "extraction" and "attribute" not in item:
        return {"missing": ["skis"]}
    if item["stage"] != "response":
        return {"yes": drawing.flip()}
    answers: Record = {"quality": {ref: drawing.one(0, 1.5, 3) for ref in item["responses"]}}
    given = {one for ref in item["responses"] for one in drawing.given[ref]}
    if len(item["responses"]) == 2:
        answers["better"] = drawing.one("1", "2", "tie")
    if given:
        answers["effect"] = {one: drawing.one("lo", "hi") for one in given}
    return answers
