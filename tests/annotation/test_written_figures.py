"""An agreement document as lines of text."""

import pytest

from annotation.agreement.document import agreement_document
from annotation.agreement.units import Facts, UnitFacts
from annotation.written_figures import OF_MEANS, lines_of
from tests.annotation.agreement.factories import CHOICE, people


def test_groups_come_before_pairs_and_these_if_asked_for() -> None:
    answers = [each for at in range(6) for each in people(f"w{at}", "abba")]
    document = agreement_document(
        study="s", stage="relevance", question=CHOICE, answers=answers, resamples=2
    )

    few, all_ = list(lines_of(document)), list(lines_of(document, has_pairs=True))

    assert few[1].startswith("alpha: 4 items, 24 judgments, 1.000")
    assert few[2].startswith("Fleiss' kappa: 4 items, 24 judgments, 1.000")
    assert few[3].startswith("peer-peer: 15 pairs, 4 items, 24 judgments, agree 1.000")
    assert [line for line in few if " – " in line] == []
    assert sum(" – " in line for line in all_) == 15
    assert next(at for at, line in enumerate(all_) if " – " in line) > all_.index(few[3])
    assert "w0 – w1" not in "".join(few)


@pytest.mark.parametrize(
    ("facts", "drawn"),
    [
        ({}, "4 items"),
        ({"0": UnitFacts("ann"), "1": UnitFacts("ann")}, "1 person, 2 items"),
        ({str(at): UnitFacts(f"q{at}", drawn="requests") for at in range(4)}, "4 requests"),
    ],
)
def test_what_is_resampled_is_called_what_it_is(facts: Facts, drawn: str) -> None:
    document = agreement_document(
        study="s",
        stage="relevance",
        question=CHOICE,
        answers=people("w", "abba"),
        facts=facts,
        resamples=2,
    )

    assert list(lines_of(document))[-1] == f"[…]: 95%, 2 resamples of {drawn}"


def test_interval_of_a_mean_of_kappas_is_said_to_hold_less_often() -> None:
    few, many = (
        agreement_document(
            study="s",
            stage="relevance",
            question=CHOICE,
            answers=people("w", "abba" * times) + people("v", "abbc" * times),
            resamples=50,
        )
        for times in (1, 3)
    )

    assert OF_MEANS not in list(lines_of(few))
    assert OF_MEANS in list(lines_of(many))
