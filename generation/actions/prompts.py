"""What changes prompts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from collection.models import LONGEST_TEXT
from generation.models import Prompt
from studies.models import Participant, Study


@transaction.atomic
def add_prompt(
    *,
    study: Study,
    text: str,
    participant: Participant | None = None,
    before: Sequence[Mapping[str, str]] = (),
    type: str = "",
    extra: Mapping[str, Any] | None = None,
) -> Prompt:
    """A new request, of a person or of the study's pool. Raises ValidationError."""
    if not text.strip():
        raise ValidationError(_("A prompt needs a text."))
    if len(text) > LONGEST_TEXT:
        raise ValidationError(_("Please use at most %(most)d characters.") % {"most": LONGEST_TEXT})
    turns = [{"role": turn["role"], "content": turn["content"]} for turn in before]
    prompt = Prompt(
        study=study,
        participant=participant,
        text=text,
        before=turns,
        type=type,
        extra=dict(extra or {}),
    )
    prompt.full_clean(validate_unique=False, validate_constraints=False)
    prompt.save()
    return prompt
