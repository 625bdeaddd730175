"""How far a participant is with what they write themselves; `config` registers it."""

from collection.parts import may_still_share
from generation.owning import (
    ATTRIBUTES,
    PROMPTS,
    attributes_section,
    has_shared,
    is_finished,
    prompts_section,
)
from studies.models import Participant
from studies.parts import Progress


def attributes_progress(participant: Participant) -> Progress | None:
    """Asked of those who shared something, or may yet; done once they said that it is all."""
    if attributes_section(participant.study) is None or not _is_asked(participant):
        return None
    is_done = is_finished(participant, ATTRIBUTES)
    return Progress(done=int(is_done), total=1, is_done=is_done)


def prompts_progress(participant: Participant) -> Progress | None:
    """Asked of those who shared something, or may yet; done when all were written."""
    section = prompts_section(participant.study)
    if section is None or not _is_asked(participant):
        return None
    is_done = is_finished(participant, PROMPTS)
    done = section.count if is_done else 0
    return Progress(done=done, total=section.count, is_done=is_done)


def _is_asked(participant: Participant) -> bool:
    return has_shared(participant) or may_still_share(participant)
