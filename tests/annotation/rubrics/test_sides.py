from annotation.rubrics.sides import as_shown, in_item_order, mirror, mirrors
from tests.annotation.rubrics.samples import PANDALM, ask, pair, rubric, side


def test_mirrors_pairs_options_of_equal_strength() -> None:
    question = rubric(pair()).questions[0]

    assert mirrors(question) == {"a2": "b2", "a1": "b1", "same": "same", "b1": "a1", "b2": "a2"}


def test_mirrors_without_strength_pairs_from_the_outside() -> None:
    options = [side("A", "first"), side("a", "first"), side("b", "second"), side("B", "second")]

    found = mirrors(rubric(pair(*options)).questions[0])

    assert found == {"A": "B", "a": "b", "b": "a", "B": "A"}


def test_mirror_leaves_other_kinds_alone() -> None:
    assert mirror(rubric(ask()).questions[0], "yes") == "yes"


def test_in_item_order_swaps_verdicts_only() -> None:
    asked = rubric(*PANDALM["questions"])
    shown = {"preference": "1", "quality": {"r1": 0.5}}

    assert in_item_order(asked, shown, swapped=True) == {
        "preference": "2",
        "quality": {"r1": 0.5},
    }


def test_as_shown_swaps_verdicts_per_attribute() -> None:
    asked = rubric(pair(per="attribute"))

    assert as_shown(asked, {"better": {"x": "a2"}}, swapped=True) == {"better": {"x": "b2"}}
