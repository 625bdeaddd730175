"""A version of a rubric stays what it was; translations that come later do not change it."""

from copy import deepcopy

import pytest
from django.core.exceptions import ValidationError

from annotation.actions.rubrics import freeze_rubrics
from annotation.models import Judgment, RubricVersion
from studies.actions.studies import load_study
from tests.annotation.working import answer, claim, rater
from tests.samples import PREFERENCE, make_study, pairwise_study

pytestmark = pytest.mark.django_db


def test_version_kept_before_a_translation_goes_on() -> None:
    study = make_study(stages={"response": {}})
    kept = RubricVersion.objects.get(stage="response")
    before = deepcopy(kept.document)
    for question in before["questions"]:
        for texts in question["wording"].values():
            texts.pop("ja")
    RubricVersion.objects.filter(pk=kept.pk).update(document=before)

    freeze_rubrics(study, study.document)

    assert RubricVersion.objects.get(pk=kept.pk).document == before


def test_version_with_another_text_is_refused() -> None:
    study = make_study(stages={"response": {}})
    kept = RubricVersion.objects.get(stage="response")
    kept.document["questions"][0]["wording"]["owner"]["en"] = "Which one?"
    kept.save()

    with pytest.raises(ValidationError, match="in use with another text"):
        freeze_rubrics(study, study.document)


def test_rubric_that_comes_while_a_task_is_shown_concerns_later_tasks() -> None:
    study = pairwise_study(count=2, places=1)
    peer = rater(study, "w1")
    shown = claim(study, peer)
    second = deepcopy(PREFERENCE) | {"version": 2}
    second["questions"][0]["wording"] = {"peer": {"en": "Which is worse?"}}
    load_study(document=study.document | {"stages": {"response": {"rubric": second}}}, by=None)
    study.refresh_from_db()

    assert shown
    answer(shown, preference="1")
    later = claim(study, peer)
    assert later
    answer(later, preference="1")

    given = Judgment.objects.order_by("submitted_at", "rubric_version")
    assert list(given.values_list("rubric_version", flat=True)) == [1, 2]
