"""Practice teaches: it is no measurement of the rater who had it."""

import pytest

from annotation.quality.document import rater_document
from annotation.quality.reading import read
from annotation.quality.sheets import GOLD, PRACTICE
from tests.annotation.test_beside import gold, study_with
from tests.annotation.working import answer, claim, purposes, rater, work

pytestmark = pytest.mark.django_db


def test_practice_is_left_out_of_the_gold_signal() -> None:
    study = study_with(20, gold=gold(5, every=2, practice=2))
    who = rater(study, "w1")
    for _ in range(2):
        place = claim(study, who)
        assert place
        answer(place, preference="tie")
    later = purposes(work(study, who, 9, "tie")).count("gold")

    signals = rater_document(study, who.ref)["signals"]

    assert later == 3
    assert next(one for one in signals if one["signal"] == "gold")["n"] == later


def test_the_same_item_is_practice_to_one_and_gold_to_another() -> None:
    study = study_with(20, places=2, gold=gold(4, every=2, practice=1))
    for name in ("w1", "w2"):
        work(study, rater(study, name), 12)

    (sheet,) = read(study).record.sheets

    per_rater = {
        code: sheet.purpose[sheet.table.rater == code].tolist()
        for code in range(sheet.table.raters)
    }
    assert {given.count(PRACTICE) for given in per_rater.values()} == {1}
    assert {given.count(GOLD) for given in per_rater.values()} == {3}
