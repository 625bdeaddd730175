from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.agreement.figures import (
    NO_POSITIVE,
    NO_SPREAD,
    NOTHING_IN_COMMON,
    ONE_LABEL,
    TOO_FEW,
    Detection,
    Undefined,
    accuracy,
    cohen_kappa,
    detection_by_label,
    macro,
    mean_shift,
    over_selection,
    pearson,
    percent_agreement,
    positive_rate,
    spearman,
    value_of,
)

TWO_LISTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1)


def test_percent_agreement_counts_equal_answers() -> None:
    assert percent_agreement(["a", "b", "a", "c"], ["a", "b", "b", "c"]) == 0.75


def test_percent_agreement_of_nothing_is_undefined() -> None:
    assert percent_agreement([], []) == Undefined(NOTHING_IN_COMMON)


def test_cohen_kappa_of_cohens_example_by_hand() -> None:
    a = ["yes"] * 25 + ["no"] * 25
    b = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15

    assert cohen_kappa(a, b) == pytest.approx(0.4)  # p = .7, chance = .5 * .6 + .5 * .4


def test_cohen_kappa_with_quadratic_weights_forgives_near_misses() -> None:
    near, far = ["b", "b", "c"], ["c", "b", "a"]

    kappas = [cohen_kappa(["a", "b", "c"], other, "abc", "quadratic") for other in (near, far)]

    assert kappas == pytest.approx([2 / 3, -1])


@given(TWO_LISTS)
def test_cohen_kappa_is_that_of_scikit_learn_or_undefined(rows: Sequence[tuple[str, str]]) -> None:
    from sklearn.metrics import cohen_kappa_score  # a second that only this test takes

    a, b = [row[0] for row in rows], [row[1] for row in rows]

    kappa = cohen_kappa(a, b)

    if len({*a, *b}) == 1:
        assert kappa == Undefined(ONE_LABEL)
    else:
        assert kappa == pytest.approx(cohen_kappa_score(a, b))


def test_correlations_by_hand() -> None:
    x, y = [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 10.0]

    assert [spearman(x, y), pearson(x, y)] == pytest.approx([1.0, 14 / (5 * 50) ** 0.5])


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([], [], TOO_FEW),
        ([1.0], [2.0], TOO_FEW),
        ([1.0, 1.0], [1.0, 2.0], NO_SPREAD),
        ([1.0, 2.0], [3.0, 3.0], NO_SPREAD),
    ],
)
def test_correlations_without_spread_are_undefined(
    x: list[float], y: list[float], reason: str
) -> None:
    assert [spearman(x, y), pearson(x, y)] == [Undefined(reason)] * 2


def test_correlations_refuse_lists_that_are_not_aligned() -> None:
    with pytest.raises(ValueError, match="not aligned"):
        pearson([1.0, 2.0], [1.0])


def test_accuracy_weighs_answers() -> None:
    assert accuracy(["a", "a", "b"], ["a", "b", "b"], [0.5, 0.5, 1.0]) == 0.75


def test_accuracy_of_nothing_is_undefined() -> None:
    assert accuracy([], []) == Undefined("there is no answer to compare with the reference")


def test_detection_by_label_by_hand() -> None:
    found = detection_by_label(["a", "a", "b"], ["a", "b", "b"])

    assert found == {
        "a": Detection(1.0, 0.5, 2 / 3),
        "b": Detection(0.5, 1.0, 2 / 3),
    }


def test_detection_of_a_label_never_answered_has_no_precision() -> None:
    never = Undefined("the label was never answered, so its precision is 0/0")

    assert detection_by_label(["a", "b"], ["a", "a"])["b"] == Detection(never, 0.0, 0.0)


def test_detection_outside_the_labels_costs_recall_alone() -> None:
    assert detection_by_label(["a", "a"], ["a", "?"]) == {"a": Detection(1.0, 0.5, 2 / 3)}


@given(TWO_LISTS)
def test_macro_is_that_of_scikit_learn_or_undefined(rows: Sequence[tuple[str, str]]) -> None:
    from sklearn.metrics import f1_score, precision_score, recall_score

    truth, given_ = [row[0] for row in rows], [row[1] for row in rows]
    labels = sorted(set(truth))
    average = {"labels": labels, "average": "macro", "zero_division": 0}

    found = macro(detection_by_label(truth, given_))

    assert value_of(found.recall) == pytest.approx(recall_score(truth, given_, **average))
    assert value_of(found.f1) == pytest.approx(f1_score(truth, given_, **average))
    if set(labels) <= set(given_):
        assert value_of(found.precision) == pytest.approx(precision_score(truth, given_, **average))
    else:
        assert isinstance(found.precision, Undefined)


def test_macro_of_nothing_is_undefined() -> None:
    nothing = Undefined("there is no answer to compare with the reference")

    assert macro(detection_by_label([], [])) == Detection(nothing, nothing, nothing)


def test_positive_rate_weighs_answers() -> None:
    assert positive_rate(["yes", "no"], {"yes"}, [0.5, 1.5]) == 0.25


def test_positive_rate_without_positive_options_is_undefined() -> None:
    assert positive_rate(["yes"], set()) == NO_POSITIVE


def test_over_selection_is_a_ratio_of_shares() -> None:
    reference, answers = ["y", "n", "n", "n"], ["y", "y", "y", "n"]

    assert over_selection(reference, answers, {"y"}) == 3.0


@pytest.mark.parametrize(
    ("reference", "answers", "reason"),
    [(["n"], ["y"], "the reference selects nothing"), ([], ["y"], "there is no answer")],
)
def test_over_selection_without_a_base_is_undefined(
    reference: list[str], answers: list[str], reason: str
) -> None:
    assert over_selection(reference, answers, {"y"}) == Undefined(reason)


def test_mean_shift_is_above_zero_when_answers_are_higher() -> None:
    assert mean_shift([3.0, 3.0], [4.0, 3.0]) == 0.5
