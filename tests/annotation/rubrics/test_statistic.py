from annotation.rubrics.columns import Column, columns
from annotation.rubrics.statistic import Measurement, measurement, measurements
from tests.annotation.rubrics.samples import PANDALM, ask, option, rubric


def test_measurement_of_a_choice_holds_its_values() -> None:
    options = [option("b", positive=True), option("a"), option("?", off_scale=True)]

    assert measurement(rubric(ask("q", options=options)).questions[0]) == Measurement(
        key="q",
        kind="choice",
        per="item",
        scale="nominal",
        statistic="krippendorff alpha (nominal), mean pairwise cohen kappa",
        values=("b", "a"),
        positive=frozenset({"b"}),
        off_scale=frozenset({"?"}),
    )


def test_measurement_of_a_boolean_counts_true_as_yes() -> None:
    facts = measurement(rubric(ask("q", "boolean")).questions[0])

    assert (facts.values, facts.positive) == ((False, True), frozenset({True}))


def test_measurements_leave_out_texts() -> None:
    asked = rubric(ask("note", "text"), *PANDALM["questions"])

    assert list(measurements(asked)) == ["preference", "quality"]
    assert measurements(asked)["preference"].mirror == {"1": "2", "2": "1", "tie": "tie"}


def test_columns_are_typed_by_kind_and_target() -> None:
    assert columns(rubric(ask("note", "list"), *PANDALM["questions"])) == [
        Column("note", "list", "item"),
        Column("preference", "string", "item"),
        Column("quality", "float", "response"),
    ]
