from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.agreement.answers import Answer, Question
from annotation.agreement.cells import tabulate
from annotation.agreement.collapsing import Collapse, Policies
from annotation.agreement.figures import cohen_kappa, pearson, percent_agreement, spearman, value_of
from annotation.agreement.pairs import Pair, pairs_of
from tests.annotation.agreement.factories import CHOICE, PREFERENCE, STEPS, judge, people

RANKS = {"low": 0.0, "mid": 1.0, "high": 2.0}
PANELS = st.lists(
    st.lists(st.sampled_from(["low", "mid", "high", "-"]), min_size=6, max_size=6),
    min_size=2,
    max_size=4,
)


def pairs(question: Question, answers: list[Answer]) -> list[Pair]:
    cells = tabulate(question, Collapse(question, Policies()).cells(answers))
    return pairs_of(question, cells, list(range(len(cells.views))))


def one_by_one(answers: list[Answer]) -> dict[tuple[str, str], list[object]]:
    """Each pair's figures from the plain functions, by the names of both."""
    given_: dict[str, dict[str, str]] = defaultdict(dict)
    for answer in answers:
        given_[answer.rater][answer.unit] = str(answer.value)
    found: dict[tuple[str, str], list[object]] = {}
    for a, b in ((a, b) for a in given_ for b in given_ if a < b):
        shared = sorted(given_[a].keys() & given_[b].keys())
        x, y = [given_[a][unit] for unit in shared], [given_[b][unit] for unit in shared]
        u, v = [RANKS[each] for each in x], [RANKS[each] for each in y]
        figures = percent_agreement(x, y), cohen_kappa(x, y), spearman(u, v), pearson(u, v)
        if shared:
            found[a, b] = [len(shared), *map(value_of, figures)]
    return found


@given(PANELS)
def test_pairs_are_those_of_the_plain_functions(panel: list[list[str]]) -> None:
    answers = [each for n, row in enumerate(panel) for each in people(f"p{n}", row)]
    names = list(dict.fromkeys(answer.rater for answer in answers))

    found = {
        (names[pair.a], names[pair.b]): [
            pair.n,
            *map(value_of, (pair.percent, pair.cohen_kappa, pair.spearman, pair.pearson)),
        ]
        for pair in pairs(STEPS, answers)
    }

    assert found == {key: pytest.approx(row) for key, row in one_by_one(answers).items()}


def test_pairs_without_a_unit_in_common_are_no_pairs() -> None:
    assert pairs(CHOICE, people("p", "a-") + people("q", "-a")) == []


def test_pairs_count_half_for_each_order() -> None:
    asked_twice = judge("j", ["A", "A"]) + judge("j", ["A", "B"], swapped=True)

    [pair] = pairs(PREFERENCE, people("p", ["A", "B"]) + asked_twice)

    assert (pair.n, pair.percent, pair.cohen_kappa) == (2, 0.75, 0.5)
