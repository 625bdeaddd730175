"""What owners write about themselves and would ask next, as a part of the study."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.actions.attributes import add_attribute
from generation.actions.automatic import plan_for
from generation.actions.prompts import add_prompt
from generation.models import Attribute, Prompt
from generation.owning import (
    ATTRIBUTES,
    LONGEST_REQUEST,
    PROMPTS,
    attributes_before_models,
    attributes_section,
    own_prompts,
    prompts_section,
)
from generation.stages import RELEVANCE, RESPONSE
from studies.actions.parts import begin_part, finish_part, locked_part
from studies.models import Part, Participant


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a careful assistant would have learnt, and in which conversation."""

    text: str
    type: str = ""
    conversation: UUID | None = None


@transaction.atomic
def write_attributes(*, participant: Participant, lines: Sequence[Line]) -> Sequence[Attribute]:
    """Keep what the person remembers before they see a model's attributes, and finish the part.

    Once finished it stays as it is: sent again, the stored rows are returned. Raises
    ValidationError.
    """
    section = attributes_section(participant.study)
    if section is None:
        raise ValidationError(_("This study does not ask for it."))
    if _is_finished(participant, ATTRIBUTES):
        return attributes_before_models(participant)
    _check_number(len(lines), section.least, section.most)
    said_in = {row.pk: row for row in participant.conversations.all()}
    for number, line in enumerate(lines):
        if line.conversation and line.conversation not in said_in:
            raise ValidationError(_("This conversation is not yours."))
        add_attribute(
            participant=participant,
            text=line.text,
            type=line.type,
            conversation=said_in[line.conversation] if line.conversation else None,
            provenance={"before_models": True, "line": number},
        )
    finish_part(participant=participant, name=ATTRIBUTES)
    return attributes_before_models(participant)


@transaction.atomic
def give_up_recall(*, participant: Participant) -> None:
    """Finish the part with nothing written: the person wants to see what was noticed before.

    It asks for no consent, as nobody may be kept from what is held about them. Twice is once.
    """
    if attributes_section(participant.study) is None:
        return
    Part.objects.get_or_create(participant=participant, name=ATTRIBUTES)
    rows = Part.objects.filter(participant=participant, name=ATTRIBUTES, finished_at__isnull=True)
    rows.update(finished_at=timezone.now())


@transaction.atomic
def write_prompts(*, participant: Participant, texts: Sequence[str]) -> Sequence[Prompt]:
    """Keep what the person would ask next, finish the part, and set machines to work on it.

    Once finished it stays as it is: sent again, the stored rows are returned. Raises
    ValidationError.
    """
    section = prompts_section(participant.study)
    if section is None:
        raise ValidationError(_("This study does not ask for it."))
    if _is_finished(participant, PROMPTS):
        return own_prompts(participant)
    _check_number(len(texts), section.count, section.count)
    for number, text in enumerate(texts):
        if len(text) > LONGEST_REQUEST:
            most = {"most": LONGEST_REQUEST}
            raise ValidationError(_("Please use at most %(most)d characters.") % most)
        add_prompt(
            study=participant.study, participant=participant, text=text, extra={"line": number}
        )
    finish_part(participant=participant, name=PROMPTS)
    for stage in (RELEVANCE, RESPONSE):
        plan_for(participant=participant, stage=stage)
    return own_prompts(participant)


def _is_finished(participant: Participant, part: str) -> bool:
    begin_part(participant=participant, name=part)
    return locked_part(participant, part).finished_at is not None


def _check_number(given: int, least: int, most: int) -> None:
    if given < least:
        sentence = ngettext("Please write at least %d.", "Please write at least %d.", least)
        raise ValidationError(sentence % least)
    if given > most:
        sentence = ngettext("Please write at most %d.", "Please write at most %d.", most)
        raise ValidationError(sentence % most)
