"""A version of a rubric stays what it was; translations that come later do not change it."""

from copy import deepcopy

import pytest
from django.core.exceptions import ValidationError

from annotation.actions.rubrics import freeze_rubrics
from annotation.models import RubricVersion
from tests.samples import make_study

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
