"""How far a participant is with giving past conversations."""

from collection.donating.document import terms_of
from collection.donating.offers import count_given
from studies.models import Participant
from studies.parts import Progress


def measure(participant: Participant) -> Progress | None:
    """Conversations given out of those the study needs at least."""
    terms = terms_of(participant.study)
    if terms is None:
        return None
    done = count_given(participant)
    return Progress(done=done, total=terms.least, is_done=done >= terms.least)
