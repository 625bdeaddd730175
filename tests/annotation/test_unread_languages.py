"""Tasks in a language that no rater reads: nobody is given them, and researchers are told so."""

import pytest

from annotation.counting import standing
from annotation.unread_languages import count_unread, unread_in
from studies.models import Participant, Study
from tests.annotation.test_disputes import study_with
from tests.annotation.working import claim, rater

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Two requests of somebody who speaks French, for two peers each; English is the study's."""
    study = study_with(2, about=True)
    study.participants.filter(ref="owner").update(language="fr")
    return study


def reads(study: Study, name: str, language: str) -> None:
    """A rater who has chosen a language, or none."""
    who = rater(study, name).participant
    assert who
    Participant.objects.filter(pk=who.pk).update(language=language)


def test_tasks_that_nobody_is_given_are_counted(study: Study) -> None:
    reads(study, "w1", "en")

    assert claim(study, rater(study, "w1")) is None
    assert count_unread(study) == [["response", "fr", 2]]
    assert standing(study).unread == [["response", "fr", 2]]


@pytest.mark.parametrize("language", ["fr", ""])
def test_what_somebody_reads_is_not_counted(study: Study, language: str) -> None:
    reads(study, "w1", "en")
    reads(study, "w2", language)

    assert count_unread(study) == []
    assert claim(study, rater(study, "w2"))


def test_who_left_reads_nothing_more(study: Study) -> None:
    reads(study, "w1", "en")
    reads(study, "w2", "fr")
    Participant.objects.filter(ref="w2").update(left_at="2026-01-01T00:00Z")

    assert count_unread(study) == [["response", "fr", 2]]


def test_before_anybody_came_only_what_nobody_can_choose_is_counted(study: Study) -> None:
    before = count_unread(study)
    study.participants.update(language="en")

    assert (before, count_unread(study)) == ([["response", "fr", 2]], [])


@pytest.mark.parametrize(
    ("languages", "can"), [(["en"], False), (["en", "fr"], False), (["en", "zh"], True)]
)
def test_a_language_is_chosen_where_study_and_site_have_it(
    study: Study, languages: list[str], can: bool
) -> None:
    study.document["languages"] = languages

    (one,) = unread_in(study, [["response", languages[-1] if can else "fr", 2]])

    assert one.may_be_chosen is can


def test_what_its_owner_does_not_share_waits_for_nobody(study: Study) -> None:
    reads(study, "w1", "en")
    study.participants.get(ref="owner").consents.filter(scope="peers").delete()

    assert count_unread(study) == []
