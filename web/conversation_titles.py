"""What a conversation is called: by its title, else by its topic in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from collection.converse.document import section_of
from collection.models import Conversation
from collection.unshared.models import UnsharedConversation
from studies.models import Participant
from web.participants import language_for


def title_of_conversation(
    conversation: Conversation | UnsharedConversation, participant: Participant, title: str = ""
) -> str:
    """Its title, its topic's label, or that it is a conversation; `title` goes before its own."""
    own = title or conversation.title
    return own or _topic_of(conversation, participant) or _("A conversation")


def _topic_of(conversation: Conversation | UnsharedConversation, participant: Participant) -> str:
    if isinstance(conversation, Conversation):
        key = conversation.extra.get("topic", "")
    else:
        key = conversation.topic
    section = section_of(participant.study) if key else None
    topics = section.topics if section else []
    label = next((topic.label for topic in topics if topic.key == key), {})
    return _in_words(label, participant)


def _in_words(texts: Mapping[str, str], participant: Participant) -> str:
    asked = language_for(participant, get_language() or "")
    wanted = [asked, *participant.study.languages]
    return next((texts[code] for code in wanted if code in texts), next(iter(texts.values()), ""))
