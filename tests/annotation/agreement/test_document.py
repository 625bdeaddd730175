import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.agreement.answers import Answer, PolicyRefused, Question, RaterKind, Role
from annotation.agreement.document import agreement_document
from tests.annotation.agreement.factories import (
    CHOICE,
    PREFERENCE,
    SLIDER,
    STEPS,
    judge,
    people,
)

RATER = {
    "n": 0, "added": 0, "compared": 0, "unusable": 0, "positive_rate": None, "accuracy": None,
    "macro_precision": None, "macro_recall": None, "macro_f1": None,
    "spearman": None, "pearson": None, "mean_shift": None,
    "order_consistent": None, "self_consistent": None, "over_selection": None,
    "precision": None, "recall": None, "f1": None,
}  # fmt: skip
NEVER_AGAIN = {
    "figure": "self_consistent",
    "reason": "no item was asked of the same person a second time",
}
OF_INTERVALS = {"intervals", "resampled_pairs"}
LIKERT = Question("fit", "interval", (1, 2, 3, 4, 5), off_scale=frozenset({"na"}))


def answers_to(question: Question) -> st.SearchStrategy[list[Answer]]:
    """Up to 20 answers of every kind, on the scale or not."""
    values = [*question.values, *question.off_scale, 7, 2.5, True, "other", None]
    answer = st.builds(
        Answer,
        unit=st.sampled_from("123"),
        rater=st.sampled_from("pqr"),
        role=st.sampled_from(get_args(Role)),
        kind=st.sampled_from(get_args(RaterKind)),
        value=st.sampled_from(values),
        usable=st.booleans(),
        arm=st.sampled_from(["plain", "profile"]),
        swapped=st.booleans(),
        sample=st.integers(0, 1),
        revision=st.integers(1, 2),
    )
    return st.lists(answer, max_size=20)


def document(question: Question, answers: list[Answer], **options: Any) -> dict[str, Any]:
    """With few resamples; what the intervals are is tested with them."""
    return agreement_document(
        study="s", stage="relevance", question=question, answers=answers, resamples=20, **options
    )


def figures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without their intervals."""
    return [{key: row[key] for key in row if key not in OF_INTERVALS} for row in rows]


def rater(question: Question, answers: list[Answer], name: str, **options: Any) -> dict[str, Any]:
    """The row of one rater."""
    [row] = [each for each in document(question, answers, **options)["raters"]
             if each["rater"] == name]  # fmt: skip
    return figures([row])[0]


def test_document_of_a_small_panel_by_hand() -> None:
    answers = people("p", "aab") + people("q", "abb") + judge("j", "aac")

    found = document(CHOICE, answers)

    head = {key: found[key] for key in list(found)[:11]}
    assert head == {
        "study": "s", "stage": "relevance", "question": "kind", "scale": "nominal",
        "unusable": "drop", "reference": "majority",
        "collapsed": {"revisions": "latest", "orders": "average", "samples": "majority"},
        "items": 3, "no_reference": 1, "alpha": pytest.approx(1 - 5 * 2 / 18),
        "labels": {"a": 1, "b": 1},
    }  # fmt: skip
    assert figures(found["pairs"])[0] == {
        "a": "p", "b": "q", "n": 3, "percent": pytest.approx(2 / 3),
        "cohen_kappa": pytest.approx(0.4), "spearman": None, "pearson": None,
    }  # fmt: skip
    assert [row["group"] for row in found["groups"]] == ["peer-peer", "human-llm"]


def test_document_of_nothing_is_empty_and_says_why() -> None:
    found = document(CHOICE, [])

    assert [found[key] for key in ("items", "labels", "raters", "pairs", "groups")] == [
        0, {}, [], [], []
    ]  # fmt: skip
    reason = "no item has answers of two people"
    assert found["undefined"] == [
        {"figure": "alpha", "reason": reason}, {"figure": "fleiss_kappa", "reason": reason},
        NEVER_AGAIN,
    ]  # fmt: skip


def test_document_of_one_rater_has_no_figure_and_every_reason() -> None:
    found = document(CHOICE, people("p", "ab"))

    assert figures(found["raters"]) == [{"rater": "p", "role": "peer"} | RATER | {"n": 2}]
    alone = "no item has a reference that is made without this rater's own answers"
    assert found["undefined"] == [
        {"figure": "alpha", "reason": "no item has answers of two people"},
        {"figure": "fleiss_kappa", "reason": "no item has answers of two people"},
        {"figure": "positive_rate", "reason": "the question marks no option as positive"},
        {"figure": "accuracy of p", "reason": alone},
        {"figure": "macro_precision of p", "reason": alone},
        {"figure": "macro_recall of p", "reason": alone},
        {"figure": "macro_f1 of p", "reason": alone},
        {"figure": "spearman", "reason": "a nominal scale has no order"},
        {"figure": "pearson", "reason": "a nominal scale has no order"},
        {"figure": "mean_shift", "reason": "a nominal scale has no order"},
        *({"figure": figure, "reason": "the question marks no option as positive"}
          for figure in ("over_selection", "precision", "recall", "f1")),
        NEVER_AGAIN,
    ]  # fmt: skip


@given(
    st.data(),
    st.sampled_from([CHOICE, STEPS, SLIDER, PREFERENCE, LIKERT]),
    st.sampled_from(["drop", "as_tie", "wrong"]),
    st.sampled_from(["majority", "owner", "mean", "median"]),
    st.sampled_from(["average", "first", "flip_is_tie"]),
    st.sampled_from(["majority", "mean"]),
)
def test_document_of_anything_is_plain_json_or_a_refused_choice(
    data: st.DataObject,
    question: Question,
    unusable: str,
    reference: str,
    orders: str,
    samples: str,
) -> None:
    answers, options = data.draw(answers_to(question)), (unusable, orders)

    try:
        found = document(question, answers, reference=reference, unusable=unusable, orders=orders,
                         samples=samples)  # fmt: skip
    except PolicyRefused:
        assert question != PREFERENCE
        assert reference in ("mean", "median") or {*options} & {"as_tie", "flip_is_tie"}
        return

    assert json.loads(json.dumps(found, allow_nan=False)) == found
    undefined = {row["figure"].split(" of ")[0] for row in found["undefined"]}
    gaps = {key for row in found["raters"] + found["pairs"] for key in row if row[key] is None}
    assert gaps - {"order_consistent"} <= undefined


@pytest.mark.parametrize("option", ["unusable", "orders", "samples"])
def test_document_refuses_an_unknown_choice(option: str) -> None:
    with pytest.raises(PolicyRefused, match=f'{option} is one of .*, not "never"'):
        document(CHOICE, [], **{option: "never"})


def test_rows_of_raters_hold_their_own_counts_whatever_the_order_of_answers() -> None:
    answers = judge("j", "?a") + people("p", "ab") + people("a", "a")

    found = document(CHOICE, answers)["raters"]

    assert [(row["rater"], row["n"], row["unusable"]) for row in found] == [
        ("a", 1, 0), ("p", 2, 0), ("j", 2, 1)
    ]  # fmt: skip


def test_a_person_is_compared_with_the_others_alone() -> None:
    panel = people("p", "aa") + people("q", "ab") + people("r", "ab")

    assert rater(CHOICE, panel, "p")["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("unusable", "accuracy", "recall"),
    [("drop", 1.0, 1.0), ("wrong", 0.5, 0.5), ("as_tie", 0.5, 0.5)],
)
def test_unusable_answers_count_by_policy(unusable: str, accuracy: float, recall: float) -> None:
    answers = people("p", ["A", "A"]) + judge("j", ["A", "?"])

    row = rater(PREFERENCE, answers, "j", unusable=unusable)

    assert [row[key] for key in ("n", "unusable", "accuracy", "macro_recall")] == [
        2, 1, accuracy, recall
    ]  # fmt: skip


def test_a_judge_in_both_orders_counts_half_per_order() -> None:
    answers = people("p", ["A", "B"]) + judge("j", ["A", "B"]) + judge("j", "AA", swapped=True)

    row = rater(PREFERENCE, answers, "j")

    assert (row["n"], row["accuracy"]) == (2, 0.75)
    assert row["order_consistent"] == {"same": 1, "of": 2}


def test_ordinal_figures_by_hand() -> None:
    steps = ["low", "mid", "high", "low"]
    answers = people("p", steps) + judge("j", ["mid", "high", "high", "mid"])

    row = rater(STEPS, answers, "j")

    assert [row[key] for key in ("positive_rate", "accuracy", "mean_shift")] == [0.5, 0.25, 0.75]
    assert [row["spearman"], row["pearson"]] == pytest.approx([0.9428, 0.9045], abs=1e-4)


def test_a_slider_has_numbers_and_no_labels() -> None:
    row = rater(SLIDER, people("p", [1, 2, 4]) + judge("j", [2, 3, 5]), "j")

    assert row == {"rater": "j", "role": "llm"} | RATER | {
        "n": 3, "compared": 3, "mean_shift": 1.0,
        "spearman": pytest.approx(1.0), "pearson": pytest.approx(1.0),
    }  # fmt: skip


def test_accuracy_against_a_mean_between_labels_is_undefined() -> None:
    panel = people("p", ["low"]) + people("q", ["mid"]) + judge("j", ["mid"])

    found = document(STEPS, panel, reference="mean")

    assert (found["raters"][2]["accuracy"], found["raters"][2]["mean_shift"]) == (None, 0.5)
    assert {
        "figure": "accuracy of j",
        "reason": "the reference lies between two labels for 1 of the items",
    } in found["undefined"]


def test_arms_of_a_judge_are_raters_of_their_own() -> None:
    arms = judge("j", "ab") + judge("j", "aa", arm="profile")

    found = document(CHOICE, people("p", "ab") + arms)

    assert [row["rater"] for row in found["raters"]] == ["p", "j (plain)", "j (profile)"]
    assert [(row["group"], row["pairs"]) for row in found["groups"]] == [("human-llm", 2)]


def test_aggregates_are_left_out_of_pairs() -> None:
    published = [Answer("0", "published", "peer", "aggregate", "a")]

    found = document(CHOICE, published + people("p", "ab"), reference="published")

    assert (found["pairs"], found["raters"][0]["accuracy"]) == ([], 1.0)


def test_groups_average_pairs_by_role() -> None:
    panel = people("o", "ab" * 5, role="owner") + people("p", "ab" * 5) + people("q", "a" * 10)

    expert = people("e", "ab" * 5, role="expert")

    two = {"shared": {"least": 10, "most": 10}, "items": 10, "judgments": 20}
    means = {"pairs": 2, **two, "percent": 0.75, "cohen_kappa": 0.5, "kappa_pairs": 2}
    means["judgments"] = 30
    assert figures(document(CHOICE, panel + expert)["groups"]) == [
        {"group": "peer-peer", "pairs": 1, **two, "percent": 0.5, "cohen_kappa": 0.0,
         "kappa_pairs": 1, "pooled_kappa": pytest.approx(-1 / 3)},
        {"group": "owner-peer", **means, "pooled_kappa": 0.5},
        {"group": "expert-peer", **means, "pooled_kappa": 0.5},
    ]  # fmt: skip


def test_a_group_averages_the_kappas_of_pairs_that_share_enough() -> None:
    panel = people("p", "ab" * 5) + people("q", "ab" * 5) + people("r", "b") + people("s", "a" * 10)
    same = people("t", "a" * 10)

    [found] = document(CHOICE, panel)["groups"]

    assert (found["pairs"], found["kappa_pairs"]) == (6, 3)
    assert found["cohen_kappa"] == pytest.approx(1 / 3)
    gaps = {row["figure"]: row["reason"] for row in document(CHOICE, panel + same)["undefined"]}
    assert gaps["cohen_kappa of the group peer-peer"] == (
        "of 10 pairs 4 share fewer than 10 items and 1 have no kappa: left out of the mean"
    )


def test_kappa_of_peers_who_share_one_item_each_is_that_of_all_their_answers() -> None:
    # Every pair shares one item: a mean of the kappas there are would be 0.
    pairs = ["aa"] * 20 + ["bb"] * 18 + ["ab"] * 2
    panel = [
        Answer(str(unit), f"w{2 * unit + side}", "peer", "human", value)
        for unit, values in enumerate(pairs)
        for side, value in enumerate(values)
    ]

    found = document(CHOICE, panel)

    [group] = found["groups"]
    assert (group["cohen_kappa"], group["kappa_pairs"]) == (None, 0)
    assert group["pooled_kappa"] == pytest.approx(found["fleiss_kappa"])
    low, high = group["intervals"]["pooled_kappa"]
    assert 0.6 < low < group["pooled_kappa"] < high


def test_a_person_who_owns_and_rates_has_two_rows_and_one_pair() -> None:
    own = [Answer("0", "p", "owner", "human", "a"), Answer("1", "p", "peer", "human", "b")]

    found = document(CHOICE, own + people("q", "ab"))

    assert [(row["rater"], row["role"]) for row in found["raters"]] == [
        ("p", "owner"), ("p", "peer"), ("q", "peer")
    ]  # fmt: skip
    assert [(row["a"], row["b"], row["n"]) for row in found["pairs"]] == [("p", "q", 2)]
    assert [row["group"] for row in found["groups"]] == ["peer-peer", "owner-peer"]
