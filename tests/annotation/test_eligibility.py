"""Who may judge, by the study's own rules: refused with a sentence, and asked nothing without."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.actions.raters import rater_for_participant
from annotation.eligibility import NotEligible, check_is_eligible, is_eligible
from annotation.exclusions import IS_LEFT_OUT
from annotation.models import Assignment, Rater
from studies.models import Participant, Study, User
from studies.recruitment.identities import digest_of
from studies.recruitment.models import PanelIdentity
from studies.recruitment.sealing import seal
from tests.annotation.working import answer, claim, rater, work
from tests.samples import PREFERENCE, make_pairs, make_participant, make_study

pytestmark = pytest.mark.django_db
SURVEY = [{"key": "age", "kind": "number", "wording": {"en": "How old are you?"}}]
QUESTION = {
    "key": "stop",
    "wording": {"en": "?"},
    "options": [{"value": one, "label": {"en": one}, "correct": one == "a"} for one in "ab"],
}


def study_for(slug: str = "alps", **rules: Any) -> Study:
    """Three pairs, judged by peers who are such."""
    stage = {"rubric": PREFERENCE, "overlap": {"peer": 2}}
    if rules:
        stage["eligibility"] = {"peer": rules}
    more = {"survey": SURVEY, "comprehension": {"questions": [QUESTION]}}
    study = make_study(slug, {"response": stage}, **more)
    make_pairs(study, 3)
    return study


def may(person: Participant) -> bool:
    """May they judge as a peer?"""
    who = rater_for_participant(person)
    return is_eligible(person.study, "response", "peer", who)


def known_to_panel(person: Participant, name: str) -> None:
    """Let a panel call somebody so."""
    PanelIdentity.objects.create(
        participant=person,
        study=person.study,
        panel="lab",
        digest=digest_of(person.study, "lab", name),
        sealed=seal({"person": name}),
    )


def judge_once(person: Participant) -> None:
    """One task of their study."""
    assert work(person.study, rater_for_participant(person), 1)


def test_a_study_without_rules_costs_no_query() -> None:
    study = study_for()
    known = Rater.objects.annotate(is_left_out=IS_LEFT_OUT)
    who = known.select_related("participant").get(pk=rater(study, "w1").pk)

    with CaptureQueriesContext(connection) as queries:
        check_is_eligible(study, "response", "peer", who)

    assert not queries.captured_queries


def test_quota_ends_with_a_sentence_and_leaves_the_rest_to_others() -> None:
    study = study_for(quota=2)
    who = rater(study, "w1")

    with pytest.raises(NotEligible, match="as many of these as one person may"):
        work(study, who, 3)

    assert Assignment.objects.filter(rater=who, state="done").count() == 2
    assert claim(study, rater(study, "w2"))


def test_quota_takes_a_late_answer_of_who_reached_it_meanwhile() -> None:
    study = study_for(quota=1)
    who = rater(study, "w1")
    late = claim(study, who)
    assert late
    Assignment.objects.filter(pk=late.pk).update(state="lapsed", lease_until=None)
    work(study, who, 1)

    answer(late, preference="1")

    given = Assignment.objects.filter(rater=who).order_by("state")
    assert [place.state for place in given] == ["done", "surplus"]
    assert not is_eligible(study, "response", "peer", who)


def test_quota_is_kept_per_role_and_does_not_count_what_stands_beside() -> None:
    study = study_for(quota=2)
    who = rater(study, "w1")
    work(study, who, 2)
    Assignment.objects.filter(rater=who).update(purpose="gold")

    assert is_eligible(study, "response", "peer", who)
    assert is_eligible(study, "response", "expert", who)


@pytest.mark.parametrize(
    ("traits", "fits"), [({"age": 30}, True), ({"age": 17}, False), ({}, False)]
)
def test_answers_to_the_survey_qualify(traits: dict[str, Any], fits: bool) -> None:
    study = study_for(answers=[{"question": "age", "accept": [{"min": 18}]}])
    person = make_participant(study)
    person.traits = traits
    person.save()

    assert may(person) is fits


def test_comprehension_has_to_be_passed_not_only_finished() -> None:
    person = make_participant(study_for(comprehension=True))
    before = may(person)
    person.parts.create(name="comprehension", finished_at=timezone.now())
    passed = may(person)
    person.outcome = Participant.Outcome.ATTENTION
    person.save()

    assert (before, passed, may(person)) == (False, True, False)


def test_only_experts_where_the_study_says_so() -> None:
    person = make_participant(study_for(expert=True))
    before = may(person)
    person.is_expert = True
    person.save()

    assert (before, may(person)) == (False, True)


def test_nobody_who_judged_in_another_study_by_account() -> None:
    first, second = study_for("first"), study_for("second", not_in=["first", "unknown"])
    user = User.objects.create(username="ada")
    before, after = make_participant(first), make_participant(second)
    Participant.objects.filter(pk__in=[before.pk, after.pk]).update(user=user)
    after.refresh_from_db()
    entered = may(after)
    judge_once(before)

    assert (entered, may(after)) == (True, False)


def test_nobody_who_judged_in_another_study_by_their_panels_id() -> None:
    first, second = study_for("first"), study_for("second", not_in=["first"])
    before, after, other = (
        make_participant(first),
        make_participant(second),
        make_participant(second, ref="p2"),
    )
    for person, name in ((before, "AB12"), (after, "AB12"), (other, "CD34")):
        known_to_panel(person, name)
    judge_once(before)

    assert (may(after), may(other)) == (False, True)
