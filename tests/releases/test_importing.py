"""Wrong lines are refused with their place, and nothing of the bundle is stored."""
# ruff: noqa: E501  the tables below are read by the line

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotation.models import Assignment, Judgment, TaskItem
from releases.actions.importing import import_bundle
from releases.actions.loading.load import ImportRefused
from studies.models import Participant, Study
from tests.factories import make_study
from work.models import Job

pytestmark = pytest.mark.django_db

Record = dict[str, Any]
PREFERENCE = {
    "version": 1,
    "questions": [
        {
            "key": "preference",
            "kind": "pairwise",
            "scale": "nominal",
            "options": [
                {"value": "1", "favours": "first", "label": {"en": "The first"}},
                {"value": "2", "favours": "second", "label": {"en": "The second"}},
                {"value": "tie", "favours": "none", "label": {"en": "About equal"}},
            ],
            "wording": {"peer": {"en": "Which answer is better?"}},
        }
    ],
}
DOCUMENT = {
    "slug": "alps",
    "title": {"en": "Alps"},
    "stages": {"response": {"overlap": {"peer": 3, "owner": 1}, "rubric": PREFERENCE}},
}


def small_bundle() -> dict[str, Record]:
    """An invented person, a pair of responses and two raters' judgments of it, by id."""
    records: list[Record] = [
        {"kind": "study", "id": "s", "document": DOCUMENT},
        {"kind": "participant", "id": "p"},
        {"kind": "conversation", "id": "c", "turns": [{"role": "user", "content": "I 😀 ski"}]},
        {
            "kind": "attribute", "id": "a", "participant": "p", "text": "Skis",
            "evidence": [{"conversation": "c", "turn": 0, "start": 4, "end": 7}],
        },
        {"kind": "prompt", "id": "q", "participant": "p", "text": "Where to?"},
        {"kind": "response", "id": "r1", "prompt": "q", "text": "Chamonix"},
        {"kind": "response", "id": "r2", "prompt": "q", "text": ""},
        {"kind": "rater", "id": "w", "rater_kind": "human"},
        {"kind": "rater", "id": "m", "rater_kind": "llm", "model": "m"},
        {
            "kind": "item", "id": "i", "stage": "response", "prompt": "q",
            "responses": ["r1", "r2"],
        },
        {
            "kind": "judgment", "id": "j", "item": "i", "rater": "w", "role": "peer",
            "answers": {"preference": "1"}, "order": ["r2", "r1"],
        },
        {
            "kind": "judgment", "id": "k", "item": "i", "rater": "m", "role": "llm",
            "answers": None, "usable": False, "raw": "?!",
        },
    ]  # fmt: skip
    return {record["id"]: record for record in records}


def as_bytes(records: dict[str, Record]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records.values())


def refusal(chunks: list[bytes], study: Study | None = None) -> str:
    """The first fault of an import that stores nothing."""
    with pytest.raises(ImportRefused) as caught:
        import_bundle(study=study, chunks=chunks)
    assert not Participant.objects.exists()
    return str(caught.value.faults[0])


def test_bundle_is_stored_whatever_the_order() -> None:
    records = small_bundle()

    backwards = dict(reversed(records.items()))
    report = import_bundle(study=None, chunks=[as_bytes(backwards)])

    assert sum(report.counts.values()) == len(records)
    assert Judgment.objects.get(ref="j").is_swapped
    assert Judgment.objects.get(ref="k").raw == "?!"


def test_bundle_fills_places_up_to_the_overlap() -> None:
    import_bundle(study=None, chunks=[as_bytes(small_bundle())])

    places = Assignment.objects.order_by("role", "place").values_list("role", "place", "state")

    assert list(places) == [
        ("owner", 1, "free"),
        ("peer", 1, "done"),
        ("peer", 2, "free"),
        ("peer", 3, "free"),
    ]


@pytest.mark.parametrize(("left_out", "openings"), [((), 0), (("i", "j", "k"), 1)])
def test_what_comes_without_items_is_asked_about_soon(
    left_out: tuple[str, ...], openings: int
) -> None:
    records = {key: row for key, row in small_bundle().items() if key not in left_out}

    import_bundle(study=None, chunks=[as_bytes(records)])

    assert Job.objects.filter(kind="open_tasks").count() == openings


def test_judgments_take_free_places_of_a_study_that_is_there() -> None:
    records = small_bundle()
    last = {"v": {"kind": "rater", "id": "v", "rater_kind": "human"}}
    last["l"] = records["j"] | {"id": "l", "rater": "v"}
    study = import_bundle(study=None, chunks=[as_bytes(records)]).study

    import_bundle(study=study, chunks=[as_bytes(last)])

    places = Assignment.objects.filter(role="peer").order_by("place")
    assert list(places.values_list("place", "state", "rater__ref")) == [
        (1, "done", "w"),
        (2, "done", "v"),
        (3, "free", None),
    ]


@pytest.mark.parametrize("answer", [1, True, ["1"], {"r1": "1"}])
def test_answers_that_look_like_good_ones_are_refused(answer: Any) -> None:
    records = small_bundle()
    records["v"] = {"kind": "rater", "id": "v", "rater_kind": "human"}
    records["l"] = records["j"] | {"id": "l", "rater": "v", "answers": {"preference": answer}}

    assert "14: answers.preference: Choose one of" in refusal([as_bytes(records)])


@pytest.mark.parametrize("arrive_together", [True, False])
def test_items_stand_in_the_task_that_comes_with_them_or_in_one_of_their_own(
    arrive_together: bool,
) -> None:
    first = small_bundle()
    later = {"i2": first["i"] | {"id": "i2"}, "i3": first["i"] | {"id": "i3"}}
    later["t"] = {"kind": "task", "id": "t", "stage": "response", "items": [{"item": "i2"}]}
    if arrive_together:
        import_bundle(study=None, chunks=[as_bytes(first | later)])
    else:
        study = import_bundle(study=None, chunks=[as_bytes(first)]).study
        import_bundle(study=study, chunks=[as_bytes(later)])

    standing = TaskItem.objects.order_by("item__ref").values_list("item__ref", "task__is_implicit")

    assert list(standing) == [("i", True), ("i2", False), ("i3", True)]
    assert Assignment.objects.filter(role="peer").count() == 3 * 3


Change = Callable[[dict[str, Record]], Any]

WRONG: list[tuple[str, Change, str]] = [
    ("dangling reference", lambda b: b["q"].update(participant="nobody"), "5: participant: “nobody” is not there"),
    ("unknown kind", lambda b: b["p"].update(kind="person"), "2: kind: 'person' is none of"),
    ("no kind", lambda b: b["p"].pop("kind"), "2: kind: is missing"),
    ("wrong type", lambda b: b["r1"].update(text=1), "6: text: should be a valid string"),
    ("missing field", lambda b: b["r1"].pop("text"), "6: text: is missing"),
    ("a bool for a number", lambda b: b["j"].update(sample=True), "11: sample: should be a valid integer"),
    ("no list", lambda b: b["a"].update(evidence={}), "4: evidence: should be a valid list"),
    ("evidence after the end", lambda b: b["a"]["evidence"][0].update(end=8), "4: evidence[0].end: is beyond the turn, which has 7 code points"),
    ("evidence in no turn", lambda b: b["a"]["evidence"][0].update(turn=1), "4: evidence[0].turn: the conversation has no turn 1"),
    ("empty evidence", lambda b: b["a"]["evidence"][0].update(end=4), "4: evidence[0]: end must be greater than start"),
    ("half evidence", lambda b: b["a"]["evidence"][0].pop("end"), "4: evidence[0]: turn, start and end are given together"),
    ("a known id twice", lambda b: b["r2"].update(id="r1"), "7: id: stands twice in these files"),
    ("outside the scale", lambda b: b["j"]["answers"].update(preference="3"), "11: answers.preference: Choose one of: 1, 2, tie."),
    ("an unknown question", lambda b: b["j"]["answers"].update(mood="1"), "11: answers.mood: There is no such question."),
    ("answers missing", lambda b: b["j"].update(answers=None), "11: answers: is missing"),
    ("unusable with answers", lambda b: b["k"].update(answers={}), "12: answers: must be null"),
    ("a person as a judge", lambda b: b["j"].update(role="llm"), "11: role: a rater of kind human cannot judge as llm"),
    ("a judge as a person", lambda b: b["k"].update(role="peer"), "12: role: a rater of kind llm cannot judge as peer"),
    ("a stranger as owner", lambda b: b["j"].update(role="owner"), "11: role: only the person whom the item is about"),
    ("an owner as peer", lambda b: b["w"].update(participant="p"), "11: role: a person cannot judge their own item as peer"),
    ("an owner's place added", lambda b: (b["j"].update(role="owner", added=True), b["w"].update(participant="p")), "11: added: only what is to be decided gets more places"),
    ("other responses", lambda b: b["j"].update(order=["r1", "r1"]), "11: order: does not name the item's responses"),
    ("no such rubric", lambda b: b["j"].update(rubric_version=9), "11: rubric_version: the study has no version 9"),
    ("a response of another prompt", lambda b: b.update(q2=b["q"] | {"id": "q2"}, i=b["i"] | {"prompt": "q2"}), "10: responses[0]: answers another prompt"),
    ("an item about too much", lambda b: b["i"].update(attribute="a"), "10: stage: an item of stage response cannot be about"),
    ("a task that is not", lambda b: b["j"].update(task="t"), "11: task: there is no task “t” with this item"),
    ("a time without offset", lambda b: b["j"].update(submitted_at="2026-01-31T12:00:00"), "11: submitted_at: should be a time with its offset"),
    ("negative seconds", lambda b: b["j"].update(seconds=-1), "11: seconds: should be greater than or equal to 0"),
    ("NUL", lambda b: b["q"].update(text="a\0b"), "5: text: holds the character NUL"),
    ("NUL in a key", lambda b: b["q"].update({"a\0": 1}), "5: a\\u0000: holds the character NUL"),
    ("half a character", lambda b: b["q"].update(x=["\ud800"]), "5: x[0]: holds half a character"),
    ("5 MB of text", lambda b: b["c"]["turns"][0].update(content="x" * 5_000_000), "3: turns[0].content: String should have at most 1000000 characters"),
    ("a deep well", lambda b: b["q"].update(x=json.loads("[" * 60 + "]" * 60)), "5: x"),
    ("a study that is none", lambda b: b["s"].update(document=DOCUMENT | {"colour": 1}), "1: document: colour: Unknown key"),
    ("an unknown field where none is kept", lambda b: b["p"].update(consent={"basis": "none", "x": 1}), "2: consent.x: is not a known field"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_wrong_line_is_refused_with_its_place(change: Change, expected: str) -> None:
    records = small_bundle()
    change(records)

    sentence = refusal([as_bytes(records)])

    assert sentence.startswith(f"bundle:{expected}")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"kind":"prompt","id":"q","text":"\xff"}', "bundle:1: is not UTF-8: byte 35 of the line"),
        (b'\n{"kind":"prompt"', "bundle:2: is not JSON: Expecting ',' delimiter at column 17"),
        (b"[1]", "bundle:1: is no JSON object"),
        (b'{"kind":"prompt","id":"q","id":"q"}', "bundle:1: is not JSON: the key 'id' stands twice in one object"),
        (b'{"kind":"prompt","x":NaN}', "bundle:1: is not JSON: NaN is no JSON number"),
        (b'{"kind":"prompt","x":1e400}', "bundle:1: is not JSON: the number 1e400 is too large"),
        (b"\xef\xbb\xbf{}", "bundle:1: is not JSON: Expecting value at column 1"),
        (b'{"x":' * 100_000, "bundle:1: is nested more than 50 deep"),
        (b'{"kind":"prompt","x":' + b"9" * 5000 + b"}", "bundle:1: is not JSON: Exceeds the limit"),
    ],
)  # fmt: skip
def test_what_is_no_line_is_refused(raw: bytes, expected: str) -> None:
    assert refusal([raw]).startswith(expected)


def test_chunks_may_be_cut_anywhere() -> None:
    whole = as_bytes(small_bundle())

    report = import_bundle(study=None, chunks=[whole[n : n + 1] for n in range(len(whole))])

    assert report.counts["judgment"] == 2


def test_second_import_is_refused_as_a_whole() -> None:
    records = small_bundle()
    study = import_bundle(study=None, chunks=[as_bytes(records)]).study

    with pytest.raises(ImportRefused) as caught:
        import_bundle(study=study, chunks=[as_bytes(records)])

    assert caught.value.sentence.startswith("The study already holds what these files hold")
    assert Judgment.objects.count() == 2


def test_skip_bad_leaves_out_and_reports_every_wrong_line() -> None:
    records = small_bundle()
    records["j"]["answers"] = {"preference": "3"}
    records["a"]["participant"] = "nobody"

    report = import_bundle(study=None, chunks=[as_bytes(records)], skip_bad=True)

    assert [(fault.line, fault.field) for fault in report.faults] == [
        (4, "participant"),
        (11, "answers.preference"),
    ]
    assert Judgment.objects.get().ref == "k"


def test_another_document_is_refused_by_a_study_that_is_there() -> None:
    study = make_study("alps")

    sentence = refusal([as_bytes(small_bundle())], study)

    assert sentence.startswith("bundle:1: document: differs from that of the study alps")


def test_study_is_not_made_twice() -> None:
    make_study("alps")

    with pytest.raises(ValidationError, match="already"):
        import_bundle(study=None, chunks=[as_bytes(small_bundle())])


def test_bundle_without_a_study_makes_none() -> None:
    records = small_bundle()
    del records["s"]

    assert "no line of kind study" in refusal([as_bytes(records)])
