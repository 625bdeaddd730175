"""Who may converse, and what may be said now."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collection.converse.document import ConverseSection, section_of
from collection.unshared.models import UnsharedConversation
from studies.models import ConsentScope, Participant
from studies.rules import check_takes_part

AWAITS = "awaits"
"""Code of the refusal while a reply is still to come or to be chosen."""
OVER = "over"
"""Code of the refusal after the last turn."""
TAKEN_BACK = "taken_back"
"""In a conversation's `extra`: how many messages were left when one was taken back."""
ENDED = "ended"
"""In a conversation's `extra`: why it ended before the least number of turns."""
NO_REPLY = "no_reply"
"""It ended because the model did not answer."""
LONGEST_KEY = 80


def may_converse(participant: Participant) -> bool:
    """Did they allow that what they write goes to the model, and do so still?"""
    allowed = Participant.objects.consented(ConsentScope.CONVERSE)
    return allowed.filter(pk=participant.pk).exists()


def check_may_converse(participant: Participant) -> ConverseSection:
    """The study's terms; PermissionDenied with a sentence unless this person may converse."""
    check_takes_part(participant)
    section = section_of(participant.study)
    if section is None:
        raise PermissionDenied(_("There are no conversations in this study."))
    if not may_converse(participant):
        raise PermissionDenied(
            _("You have not allowed that what you write goes to a model. Nothing was sent.")
        )
    return section


def checked_key(send_key: str) -> str:
    """The sender's own name for a turn; ValidationError if it is none that a page gave them."""
    if len(send_key) > LONGEST_KEY or not send_key.isprintable():
        raise ValidationError(
            _("This page is not as it was given to you. Load it again. Nothing was sent.")
        )
    return send_key


def checked_text(text: str, longest: int) -> str:
    """What somebody wants to say, as it will be stored and sent; ValidationError if it can't be."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise ValidationError(_("Write something first. Nothing was sent."))
    if len(text) > longest:
        sentence = ngettext(
            "This is %(over)s character too long; %(longest)s are the most. Nothing was sent.",
            "This is %(over)s characters too long; %(longest)s are the most. Nothing was sent.",
            len(text) - longest,
        )
        raise ValidationError(sentence % {"over": len(text) - longest, "longest": longest})
    return text


def check_may_send(conversation: UnsharedConversation, said: int, section: ConverseSection) -> None:
    """Raise ValidationError with a sentence unless a further turn may be sent now."""
    if conversation.state != UnsharedConversation.State.OPEN:
        raise ValidationError(_("This conversation is finished. Nothing was sent."), code=OVER)
    if conversation.turns.filter(awaits_reply=True).exists():
        sentence = _("The reply to your last message comes first. This one was not sent.")
        raise ValidationError(sentence, code=AWAITS)
    if said >= section.max_turns:
        sentence = _("That was the last turn of this conversation. Nothing was sent.")
        raise ValidationError(sentence, code=OVER)
