"""Who somebody is in a study: by their account, or by the session they entered with."""

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q
from django.http import Http404, HttpRequest

from studies.models import Participant, ParticipantQuerySet, Study, User

ENTERED = "participants"
"""In the session: the ids of the participants that this browser entered as."""


def signed_in(request: HttpRequest) -> User | None:
    """The user behind a request, if they have signed in."""
    return request.user if isinstance(request.user, User) else None


def participants_of(request: HttpRequest) -> ParticipantQuerySet:
    """Everything that whoever asks takes part in, with its study."""
    mine = Q(pk__in=request.session.get(ENTERED, []))
    if user := signed_in(request):
        mine |= Q(user=user)
    return Participant.objects.filter(mine).select_related("study").order_by("study__slug", "pk")


def participant_in(request: HttpRequest, study: Study) -> Participant | None:
    """As whom somebody takes part in a study; an account comes before a session."""
    found = list(participants_of(request).filter(study=study))
    return next((row for row in found if row.user_id), found[0] if found else None)


def participant_or_404(request: HttpRequest, slug: str) -> Participant:
    """The same, by the study's name; who takes no part is told nothing about the study."""
    found = list(participants_of(request).filter(study__slug=slug))
    if not found:
        raise Http404
    return next((row for row in found if row.user_id), found[0])


def remember(session: SessionBase, participant: Participant) -> None:
    """Let this browser come back as the participant, and as no other of the same study.

    The session gets a new name, and lasts as long as any again.
    """
    kept = _entered_elsewhere(session, participant.study)
    session.cycle_key()
    session.set_expiry(None)
    session[ENTERED] = [*kept, str(participant.pk)]


def forget(session: SessionBase, study: Study) -> None:
    """Let this browser come back as nobody in the study: somebody else sits before it."""
    session[ENTERED] = _entered_elsewhere(session, study)


def _entered_elsewhere(session: SessionBase, study: Study) -> list[str]:
    entered: list[str] = session.get(ENTERED, [])
    here = Participant.objects.filter(pk__in=entered, study=study).values_list("pk", flat=True)
    mine = {str(pk) for pk in here}
    return [pk for pk in entered if pk not in mine]


def language_for(participant: Participant, asked: str) -> str:
    """The study's language that fits what the browser asks for, else the participant's own."""
    languages = participant.study.languages
    for candidate in (participant.language, asked, asked.split("-")[0]):
        if candidate in languages:
            return candidate
    return languages[0]
