"""Raters of a dry run: invented people, and marked so before they say anything."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from annotation.models import Rater
from studies.models import Consent, ConsentScope, Participant, Study

SIMULATED = "simulated"
"""The key in `extra` of rater and participant; its value is the seed."""
SCOPES = (ConsentScope.TAKE_PART, ConsentScope.PUBLISH_RATINGS)


@transaction.atomic
def make_simulated_raters(*, study: Study, names: Sequence[str], seed: int) -> None:
    """The raters of these names; those who are there already must come from a dry run too.

    Nothing tells here how they behave: that is known to the dry run's own file alone.
    """
    known = Participant.objects.filter(study=study, ref__in=names)
    there = dict(known.values_list("ref", "extra"))
    if foreign := [name for name, extra in there.items() if SIMULATED not in extra]:
        raise ValidationError(f"{foreign[0]} is no rater of a dry run.")
    people = [
        Participant(study=study, ref=name, basis=Participant.Basis.NONE, extra={SIMULATED: seed})
        for name in names
        if name not in there
    ]
    Participant.objects.bulk_create(people)
    Consent.objects.bulk_create(
        Consent(participant=person, scope=scope) for person in people for scope in SCOPES
    )
    Rater.objects.bulk_create(
        Rater(
            study=study,
            ref=person.ref,
            kind=Rater.Kind.HUMAN,
            participant=person,
            extra={SIMULATED: seed},
        )
        for person in people
    )
