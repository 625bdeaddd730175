"""What a profile job does: ask for a summary of a person and keep it."""

from generation.actions.profiles import record_profile
from generation.allowed import Gone, check_allowed
from generation.asking import answered
from generation.handlers.rows import attributes_of, endpoint_of, turns_of
from generation.handlers.settling import settled
from generation.profiles import Portrait, content_digest, question_for
from generation.provenance import author_of, provenance_of
from studies.models import Participant
from work.claims import Claim
from work.queue import finishing


@settled
def summarize(claim: Claim) -> None:
    """Sum up what the plan names; nothing if it changed since."""
    endpoint, participant = endpoint_of(claim), _participant(claim)
    check_allowed(participant.pk, endpoint)
    attributes, turns = attributes_of(claim), turns_of(claim)
    portrait = Portrait(participant.pk, attributes, turns)
    question = question_for(portrait)
    answer = answered(endpoint, question, None, claim)
    with finishing(claim, value={"call": str(answer.call_id), "length": len(answer.text)}):
        record_profile(
            participant=participant,
            text=answer.text,
            author=author_of(endpoint.model),
            content_digest=content_digest(portrait, endpoint),
            provenance={
                **provenance_of(endpoint, question, answer),
                "attributes": [attribute.ref for attribute in attributes],
                "turns": len(turns),
            },
            call_id=answer.call_id,
        )


def _participant(claim: Claim) -> Participant:
    participant = Participant.objects.filter(pk=claim.payload["participant"]).first()
    if participant is None or participant.pk != claim.subject:
        raise Gone("gone")
    return participant
