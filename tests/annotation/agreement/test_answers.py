import pytest

from annotation.agreement.answers import Question, Scalar, label_of, number_of
from tests.annotation.agreement.factories import CHOICE, PREFERENCE


@pytest.mark.parametrize(
    ("value", "label"), [(True, "true"), (1, "1"), (3.0, "3"), (3.5, "3.5"), ("tie", "tie")]
)
def test_label_of_is_the_text_of_json(value: Scalar, label: str) -> None:
    assert label_of(value) == label


@pytest.mark.parametrize(
    ("value", "number"), [("3", 3.0), (2, 2.0), (True, None), ("x", None), (float("nan"), None)]
)
def test_number_of_takes_finite_numbers_alone(value: Scalar, number: float | None) -> None:
    assert number_of(value) == number


def test_neutral_is_the_option_that_favours_none() -> None:
    mirrored = Question("q", "nominal", ("1", "2", "tie"), mirror={"1": "2", "tie": "tie"})

    assert [CHOICE.neutral, PREFERENCE.neutral, mirrored.neutral] == [None, "=", "tie"]
