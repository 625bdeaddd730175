"""Submissions sent once more, since their acknowledgement was lost."""

from typing import Any

import pytest

from annotation.models import Judgment
from releases.actions.withdrawing import leave_study
from studies.models import Participant, Study
from tests.api.conftest import Caller, Program
from tests.api.test_tasks import submission, submit, taken
from tests.samples import close_studies, pairwise_study


def close(_study: Study) -> None:
    close_studies()


def leave(study: Study) -> None:
    leave_study(participant=Participant.objects.get(study=study, ref="w1"))


@pytest.mark.parametrize("meanwhile", [close, leave])
@pytest.mark.django_db
def test_what_was_stored_is_acknowledged_though_nothing_more_is_asked(
    program: Caller, meanwhile: Any
) -> None:
    study = pairwise_study(3)
    caller: Program = program(study)
    body = submission(task := taken(caller), key="k1", next=True)
    first = submit(caller, task, body)
    meanwhile(study)

    again = submit(caller, task, body)

    assert (again.status_code, again.json()) == (201, {**first.json(), "next": None})
    assert Judgment.objects.count() == 1
