"""Known answers about what is not there are told to researchers."""

import pytest

from annotation.known_missing import missing_known
from tests.annotation.test_beside import gold, study_with

pytestmark = pytest.mark.django_db


def test_known_answers_about_what_is_not_there_are_counted() -> None:
    known = gold(3, every=5)
    known["items"][0]["prompt"] = "q-mistyped"
    known["items"][1]["responses"][1] = "another"

    assert missing_known(study_with(5, gold=known)) == {"response": 2}


def test_nothing_is_missing_where_nothing_is_known() -> None:
    assert missing_known(study_with(1)) == {}
