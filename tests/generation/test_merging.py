"""What says the same and what cannot both hold: by words, vectors, days and decisions."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest

from generation.merging import findings, likeness, relations
from generation.merging.clusters import clusters
from generation.merging.findings import Source
from generation.merging.polarity import is_denied, may_say_the_same
from generation.merging.relations import InvalidRelations, Pair
from generation.merging.statements import Statement, day_of
from generation.models import AttributeLink

Kind = AttributeLink.Kind
MODEL = Source("llm:m", {"endpoint": "e"}, None)


def statement(number: int, text: str = "Likes tea", **fields: object) -> Statement:
    values = {"type": "preference", "scope": "lasting", "evidence": 1, "said_on": None, **fields}
    return Statement(UUID(int=number), f"a{number}", text, **values)  # type: ignore[arg-type]


# -- Near ----------------------------------------------------------------------


def test_lexical_counts_shared_content_words() -> None:
    texts = ["I am vegan", "vegan", "A vegan cook", "Owns a bike", "!", "!"]

    assert likeness.lexical(texts, 0.5) == {
        (0, 1): 1.0, (0, 2): 2 / 3, (1, 2): 2 / 3, (4, 5): 1.0,
    }  # fmt: skip


def test_vectors_are_compared_by_their_cosine() -> None:
    found = likeness.of_vectors([[1, 0], [2, 0], [0, 3], [0, 0], [1, 1]], 0.7)

    assert {pair: round(value, 6) for pair, value in found.items()} == {
        (0, 1): 1.0, (0, 4): 0.707107, (1, 4): 0.707107, (2, 4): 0.707107,
    }  # fmt: skip


def test_vectors_of_nothing_are_near_nothing() -> None:
    assert likeness.of_vectors([], 0.5) == {}


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("I like nuts", "I like nuts a lot", True),
        ("I like nuts", "I don't like nuts", False),
        ("I don't like nuts", "I dislike nuts", True),
        ("I have 2 cats", "I have 3 cats", False),
        ("Como carne", "No como carne", False),
        ("고기를 먹어요", "고기를 먹지 않아요", False),
        ("Never without tea", "Always with tea", True),
    ],
)
def test_what_denies_or_counts_otherwise_is_not_the_same(one: str, other: str, may: bool) -> None:
    assert may_say_the_same(one, other) is may


def test_a_typographic_apostrophe_denies_too() -> None:
    assert is_denied("I don’t eat meat")


# -- Groups --------------------------------------------------------------------


def test_clusters_join_only_what_is_near_throughout() -> None:
    chain = {(0, 1): 0.9, (1, 2): 0.88, (2, 3): 0.95}

    assert clusters(4, chain, 0.85) == [[0, 1], [2, 3]]


def test_clusters_take_the_farthest_of_two_groups() -> None:
    near = {(0, 1): 0.99, (0, 2): 0.9, (1, 2): 0.86, (2, 3): 0.855}

    assert clusters(4, near, 0.85) == [[0, 1, 2], [3]]
    assert clusters(4, near, 0.9) == [[0, 1], [2], [3]]


def test_clusters_of_ties_do_not_depend_on_the_order_of_pairs() -> None:
    pairs = [((0, 1), 0.9), ((1, 2), 0.9), ((2, 3), 0.9), ((0, 3), 0.9)]

    found = {str(clusters(4, dict(order), 0.85)) for order in permutations(pairs)}

    assert found == {"[[0, 1], [2, 3]]"}


def test_the_head_has_most_evidence_then_is_newest_then_shortest() -> None:
    old, new = date(2024, 1, 1), date(2025, 1, 1)
    rows = [
        statement(1, "long text", said_on=new),
        statement(2, "short", said_on=new),
        statement(3, "x", said_on=old),
        statement(4, "y"),
        statement(5, "a very long text", evidence=2),
    ]

    order = sorted(rows, key=lambda one: one.preference)

    assert [one.id.int for one in order] == [5, 2, 1, 3, 4]


def test_the_head_stands_for_all_evidence_and_the_last_day() -> None:
    rows = [
        statement(1, evidence=3, said_on=date(2024, 1, 1)),
        statement(2, said_on=date(2025, 1, 1)),
    ]

    [(head, others)] = findings.heads_of(rows, [[0, 1]])

    assert (head.id.int, head.evidence, head.said_on) == (1, 4, date(2025, 1, 1))
    assert others == [rows[1]]


def test_duplicates_point_to_their_head_with_its_nearness() -> None:
    rows = [statement(1), statement(2), statement(3)]
    near = {(0, 1): 0.9, (0, 2): 0.95, (1, 2): 0.99}

    found = findings.duplicates(rows, [[0, 1, 2]], near, author="lexical", provenance={})

    assert [(one.attribute.int, one.other.int, one.score) for one in found] == [
        (2, 1, 0.9), (3, 1, 0.95),
    ]  # fmt: skip


# -- Pairs ---------------------------------------------------------------------


def test_pairs_are_of_one_type_and_hold_beyond_a_request() -> None:
    rows = [
        statement(1), statement(2), statement(3, type="goal"), statement(4, scope="task"),
        statement(5, type=""), statement(6, type=""),
    ]  # fmt: skip
    near = {(0, 1): 0.4, (0, 2): 0.9, (0, 3): 0.9, (4, 5): 0.9}

    assert relations.pairs_of(rows, near) == [Pair(rows[0], rows[1], 0.4)]


def test_pairs_are_asked_nearest_first_in_portions() -> None:
    rows = [statement(number) for number in range(60)]
    near = {(0, number): number / 100 for number in range(1, 60)}

    portions = relations.portions(relations.pairs_of(rows, near))

    assert [len(portion) for portion in portions] == [25, 25, 9]
    assert portions[0][0].likeness == 0.59


def test_the_question_tells_neither_refs_nor_days() -> None:
    pair = Pair(statement(1, "Likes tea", said_on=date(2025, 1, 1)), statement(2, "Hates tea"), 0.5)

    prompt = relations.prompt_for([pair])

    assert prompt.inputs == {"pairs": [{"id": "p1", "first": "Likes tea", "second": "Hates tea"}]}
    assert "2025" not in str(prompt.messages)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"relations": []},
        {"relations": [{"id": "p1", "relation": "same"}]},
        {"relations": [{"id": "p1", "relation": "same"}, {"id": "p1", "relation": "same"}]},
        {"relations": [{"id": "p1", "relation": "same"}, {"id": "p9", "relation": "same"}]},
        {"relations": [{"id": "p1", "relation": "same"}, {"id": "p2", "relation": "perhaps"}]},
    ],
)
def test_relations_are_not_guessed(answer: object) -> None:
    pairs = [Pair(statement(1), statement(2), 0.5)] * 2

    with pytest.raises(InvalidRelations):
        relations.read_relations(answer, pairs)


# -- What follows --------------------------------------------------------------

EARLY, LATE = date(2024, 5, 1), date(2025, 5, 1)


@pytest.mark.parametrize("relation", ["updates", "contradicts"])
def test_the_newer_statement_supersedes(relation: relations.Relation) -> None:
    pair = Pair(statement(1, said_on=LATE), statement(2, said_on=EARLY), 0.5)

    found = findings.of_relation(pair, relation, MODEL)

    assert found is not None
    assert (found.attribute.int, found.other.int, found.kind) == (2, 1, Kind.SUPERSEDED)
    assert found.provenance == {
        "endpoint": "e", "relation": relation, "said_on": "2024-05-01",
        "other_said_on": "2025-05-01",
    }  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [(None, LATE), (LATE, None), (None, None), (LATE, LATE)])
def test_without_an_order_two_are_in_conflict(one: date | None, other: date | None) -> None:
    pair = Pair(statement(1, said_on=one), statement(2, said_on=other), 0.5)

    found = findings.of_relation(pair, "contradicts", MODEL)

    assert found is not None
    assert (found.kind, found.replaces) == (Kind.CONFLICT, False)


def test_the_same_is_represented_by_the_better_and_the_unrelated_left_alone() -> None:
    pair = Pair(statement(1), statement(2, evidence=2), 0.5)

    found = findings.of_relation(pair, "same", MODEL)

    assert found is not None
    assert (found.attribute.int, found.other.int, found.kind) == (1, 2, Kind.DUPLICATE)
    assert findings.of_relation(pair, "unrelated", MODEL) is None


@pytest.mark.parametrize(
    ("turn", "conversation", "day"),
    [
        ({}, {"began_on": "2025-02-03"}, date(2025, 2, 3)),
        ({"said_on": "2025-02-04T10:00:00Z"}, {"began_on": "2025-02-03"}, date(2025, 2, 4)),
        (None, {"began_on": "yesterday"}, None),
        (None, {"began_on": 20250203}, None),
        (None, {}, None),
    ],
)
def test_a_day_is_known_or_not(turn: object, conversation: object, day: date | None) -> None:
    assert day_of(turn, conversation) == day
