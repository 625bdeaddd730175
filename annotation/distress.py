"""Which tasks a study marks as possibly distressing: warned of before, and passed on freely."""

from annotation.models import Assignment
from studies.care import is_marked

DISTRESSING = "distressing"
"""The reason of a skip that costs nothing."""


def is_distressing(place: Assignment) -> bool:
    """Does the study mark the place's stage, or the topic of the conversation it is about?"""
    conversation = place.task.conversation
    topic = conversation.extra.get("topic", "") if conversation else ""
    return is_marked(place.study, stage=place.stage, topic=str(topic))
