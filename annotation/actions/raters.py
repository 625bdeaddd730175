"""Who judges: making the rater behind a person or a model, at first use."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import CharField, UUIDField

from annotation.digests import sha256_of
from annotation.models import Rater
from studies.actions.entering import external_participant
from studies.models import Participant, Study
from work.statements import Given, Select

NAMED: Select[Rater] = Select(
    Rater.objects.select_related("participant").filter(
        study=Given("study", UUIDField()), ref=Given("ref", CharField())
    )
)


def rater_for_participant(participant: Participant) -> Rater:
    """The rater that a participant is; made at first use, under the same pseudonym."""
    rater = Rater.objects.filter(participant=participant).first()
    if rater:
        rater.participant = participant  # known already: whoever asks for it need not look
        return rater
    rater, _ = Rater.objects.get_or_create(
        participant=participant,
        defaults={
            "study_id": participant.study_id,
            "ref": participant.ref,
            "kind": Rater.Kind.HUMAN,
        },
    )
    return rater


def external_rater(*, study: Study, name: str) -> Rater:
    """The rater whom a panel, a simulation or a load driver calls by this name.

    Raises ValidationError where the name is a model's, PermissionDenied where it is somebody's who
    takes part here in person: what they say, only they can say.
    """
    rater = next(iter(NAMED(study=study.pk, ref=name)), None)
    if rater:
        _check_external(rater)
        return rater
    with transaction.atomic():
        rater = rater_for_participant(external_participant(study=study, name=name))
    _check_external(rater)
    return rater


def _check_external(rater: Rater) -> None:
    if rater.kind != Rater.Kind.HUMAN:
        raise ValidationError({"rater": f"“{rater.ref}” is not a person in this study."})
    if rater.participant and rater.participant.basis == Participant.Basis.PLATFORM:
        raise PermissionDenied(f"{rater.ref} takes part here in person; nobody can act for them.")


def judge_rater(
    *, study: Study, name: str, model: str, prompt_version: str, parameters: Mapping[str, Any]
) -> Rater:
    """The rater that a model is with this prompt version and these parameters."""
    identity = sha256_of([name, model, prompt_version, dict(parameters)])[:8]
    rater, _ = Rater.objects.get_or_create(
        study=study,
        ref=f"llm:{name}:{identity}",
        defaults={
            "kind": Rater.Kind.LLM,
            "model": model,
            "prompt_version": prompt_version,
            "parameters": dict(parameters),
        },
    )
    return rater
