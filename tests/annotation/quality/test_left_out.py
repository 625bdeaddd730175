"""Who is left out: others are not held to them, and models of raters never see their answers."""

import pytest

from annotation.actions.exclusions import exclude_rater
from annotation.models import Judgment
from annotation.quality.document import rater_document, raters_document
from studies.models import Study, User
from tests.annotation.judged import peer_of
from tests.annotation.quality.studies_made import COUNT, study_of_four

pytestmark = pytest.mark.django_db


def leave_out(study: Study, number: int) -> None:
    """The researcher's decision."""
    ada = User.objects.get_or_create(username="ada", is_superuser=True)[0]
    exclude_rater(rater=peer_of(study, number), reason="clicks through", by=ada)


def kappas(study: Study, **options: str) -> dict[str, float]:
    rows = raters_document(study, **options)["raters"]
    return {row["rater"]: row["agreement"]["value"] for row in rows}


def test_others_are_held_to_those_who_count_or_to_everybody() -> None:
    study = study_of_four()
    before = kappas(study)
    leave_out(study, 9)

    assert kappas(study)["w0"] > before["w0"] + 0.1
    assert kappas(study, raters="all") == before


def test_one_who_is_left_out_is_still_held_to_everybody() -> None:
    study = study_of_four()
    before = rater_document(study, "w9")
    leave_out(study, 9)

    assert rater_document(study, "w9")["signals"] == before["signals"]


def test_weights_are_told_of_those_alone_whom_the_models_saw() -> None:
    study = study_of_four()
    leave_out(study, 9)
    Judgment.objects.filter(rater=peer_of(study, 0)).update(role="owner")

    [question] = raters_document(study)["questions"]

    assert (set(question["weights"]), question["answers"]) == ({"w1", "w2"}, 2 * COUNT)


def test_study_whose_only_rater_is_left_out_has_no_weights() -> None:
    study = study_of_four()
    for number in (0, 1, 2, 9):
        leave_out(study, number)

    [question] = raters_document(study)["questions"]

    assert (question["weights"], question["answers"], question["difficulty"]) == ({}, 0, None)
