"""Each signal alone, on answers whose fault is known, and all of them on scripted raters."""

import numpy as np
import pytest

from annotation.quality.behaviour import comprehension, idle, pasted, too_fast
from annotation.quality.copying import copying
from annotation.quality.crowd import agreement, estimated, reliability, with_gold
from annotation.quality.known_answers import consistency, gold
from annotation.quality.limits import Limits
from annotation.quality.patterns import longest_runs, one_side, same_answer
from annotation.quality.sheets import Sheet
from annotation.quality.signals import NAMES, findings
from annotation.quality.table import UNKNOWN
from bench.quality.evaluation import area
from bench.quality.invented import Size, invented
from tests.annotation.quality.sheets_made import record, sheet

LIMITS = Limits()
SMALL = Size(raters=20, items=160, places=4, gold=8, checks=3, repeats=3)


def even(raters: int, units: int) -> list[tuple[int, int, int]]:
    """Everybody says the same of everything, which varies."""
    return [(rater, unit, unit % 3) for unit in range(units) for rater in range(raters)]


def test_gold_counts_what_was_answered_as_expected() -> None:
    rows = [((0, unit, 0), 0 if unit < 2 else 1) for unit in range(10)]
    rows += [((1, unit, 0), 0) for unit in range(10)]

    found = gold(sheet([], gold=rows), LIMITS)

    assert (found.value.tolist(), found.n.tolist()) == ([0.2, 1.0], [10, 10])
    assert found.level[0] >= 1 > found.level[1]
    assert found.evidence.tolist() == list(range(2, 10))


def test_one_wrong_gold_item_flags_nobody() -> None:
    found = gold(sheet([], gold=[((0, 0, 0), 1)]), LIMITS)

    assert 0 < found.level[0] < 1


def test_gold_item_with_several_right_answers_anchors_nothing() -> None:
    rows = [((0, 0, 0), 0), ((1, 0, 1), 1), ((0, 1, 2), 2), ((1, 1, 0), 2)]

    assert with_gold(sheet([], gold=rows, several=[0])).known.tolist() == [UNKNOWN, 2]


def test_gold_item_with_several_right_answers_anchors_nothing_where_all_said_the_same() -> None:
    rows = [((0, 0, 1), 1), ((1, 0, 1), 1), ((0, 1, 2), 0), ((1, 1, 2), 0)]

    assert with_gold(sheet([], gold=rows, several=[0, 1])).known.tolist() == [UNKNOWN] * 2


def test_repeats_are_held_against_the_first_answer_of_the_same_rater() -> None:
    main = [(0, 0, 1), (0, 1, 1), (1, 0, 2), (1, 1, 2)]

    found = consistency(sheet(main, repeats=[(0, 1, 1), (1, 0, 0)]), LIMITS)

    assert (found.value.tolist(), found.n.tolist()) == ([1.0, 0.0], [1, 1])
    assert sorted(found.evidence.tolist()) == [2, 5]


def test_repeat_of_what_was_never_asked_counts_for_nothing() -> None:
    found = consistency(sheet([(0, 0, 1)], repeats=[(0, 1, 1)]), LIMITS)

    assert found.n.tolist() == [0]


def test_too_fast_is_told_by_the_words_shown() -> None:
    own = sheet(even(2, 20))
    seconds = [2.0 if rater == 0 else 60.0 for rater in own.table.rater]

    found = too_fast(record(own, seconds=seconds), LIMITS)
    short = too_fast(record(own, words=15, seconds=seconds), LIMITS)

    assert (found.value.tolist(), found.level.tolist()) == ([1.0, 0.0], [3.0, 0.0])
    assert short.n.tolist() == [0, 0]


def test_idle_and_pasted_count_where_they_were_measured() -> None:
    own = sheet(even(2, 20))
    is_first = own.table.rater == 0
    made = record(
        own,
        seconds=[10.0] * 40,
        idle=np.where(is_first, 40.0, 1.0).tolist(),
        pasted=np.where(is_first, 90.0, np.nan).tolist(),
    )

    assert (idle(made, LIMITS).level >= 1).tolist() == [True, False]
    assert pasted(made, LIMITS).level.tolist() == [3.0, 0.0]


def test_third_attempt_at_comprehension_is_a_flag_and_the_first_is_nothing() -> None:
    own = sheet(even(3, 2))

    found = comprehension(record(own, attempts=[1, 2, 3]), LIMITS)

    assert found.level.tolist() == [0.0, 0.5, 1.0]


def test_same_answer_counts_only_beyond_what_others_say() -> None:
    varied = even(3, 30) + [(3, unit, 0) for unit in range(30)]
    unanimous = [(rater, unit, 0) for unit in range(30) for rater in range(4)]

    assert (same_answer(sheet(varied), LIMITS).level >= 1).tolist() == [False] * 3 + [True]
    assert not (same_answer(sheet(unanimous), LIMITS).level >= 1).any()


def test_longest_run_is_found_among_a_raters_own_answers() -> None:
    rater, shown = np.array([0, 1, 0, 1, 0, 1, 0]), np.array([1, 2, 1, 0, 1, 2, 0])

    begin, length = longest_runs(rater, shown, 2)

    assert (begin[0], length.tolist()) == (0, [3, 1])


def test_one_side_is_flagged_whichever_it_is() -> None:
    own = sheet(even(3, 40), side=[(1, -1, 1 if n % 2 else -1)[n % 3] for n in range(120)])

    found = one_side(own, LIMITS)

    assert found.value[:2].tolist() == [1.0, 0.0]
    assert (found.level >= 1).tolist() == [True, True, False]


def test_agreement_and_reliability_tell_who_answers_at_random() -> None:
    draw = np.random.default_rng(3)
    noise = [(4, unit, int(draw.integers(3))) for unit in range(60)]
    own = sheet(even(4, 60) + noise)

    kappa, care = agreement(own, LIMITS), reliability(own, estimated(own), LIMITS)

    assert (kappa.level >= 1).tolist() == [False] * 4 + [True]
    assert (care.level >= 1).tolist() == [False] * 4 + [True]


def test_whoever_is_asked_about_what_is_disputed_is_flagged_for_nothing() -> None:
    disputed = [(rater, unit, rater) for unit in range(60, 100) for rater in (0, 1)]
    asked = [*even(6, 60), *disputed]
    more = [(6, unit, unit % 2) for unit in range(60, 100)]
    places = range(len(asked), len(asked) + len(more))
    again = [(6, unit, 1 - unit % 2) for unit in range(60, 80)]

    def flags(own: Sheet) -> list[bool]:
        found = findings(record(own), LIMITS).levels()
        return [bool(found[name][6] >= 1) for name in ("agreement", "consistency")]

    assert flags(sheet([*asked, *more], repeats=again)) == [True, True]
    assert flags(sheet([*asked, *more], repeats=again, added=places)) == [False, False]


@pytest.mark.parametrize("shared_errors", [True, False])
def test_sharing_errors_is_copying_and_sharing_what_is_right_is_not(shared_errors: bool) -> None:
    draw = np.random.default_rng(5)
    rows = []
    for unit in range(60):
        said = [unit % 3 if draw.random() < 0.7 else int(draw.integers(3)) for _ in range(6)]
        said[5] = said[4] if shared_errors else said[5]
        rows += [(rater, unit, label) for rater, label in enumerate(said)]
    own = sheet(rows)

    found = copying(own, estimated(own), LIMITS)

    assert (found.level >= 1).tolist() == [False] * 4 + [shared_errors] * 2
    assert found.partner is not None
    assert not shared_errors or found.partner[4:].tolist() == [5, 4]


def test_bad_scripted_raters_are_more_suspicious_than_honest_ones() -> None:
    made = invented(1, SMALL, mix="pilot")

    found = findings(made.record, LIMITS)

    assert area(found.suspicion, made.is_bad) > 0.9
    assert set(found.levels()) == set(NAMES)


def test_honest_raters_alone_bear_hardly_a_flag() -> None:
    made = invented(2, SMALL, mix="tenth")

    found = findings(made.record, LIMITS)

    assert found.flagged[~made.is_bad].sum() <= 1


def test_nobody_has_no_signals() -> None:
    own = sheet([(0, 0, 0)])

    found = findings(record(own), LIMITS)

    assert found.suspicion.tolist() == [0.0]
