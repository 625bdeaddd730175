"""Stages, roles and speakers in plain words."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

TITLES: dict[str, Promise] = {
    "extraction": _("What was noted about a person"),
    "relevance": _("What matters for a request"),
    "response": _("Which answer helps more"),
}
QUESTIONS: dict[str, Promise] = {
    "extraction": _("Is this true of the person?"),
    "relevance": _("Should it matter for this request?"),
    "response": _("Which answer helps more?"),
}
OWN_QUESTIONS: dict[str, Promise] = {
    "extraction": _("Is this true of you?"),
    "relevance": _("Should it matter for your request?"),
    "response": _("Which answer helps you more?"),
}
SPEAKERS: dict[str, Promise] = {
    "user": _("Person"),
    "assistant": _("Assistant"),
    "system": _("Instructions"),
    "tool": _("Tool"),
}
ROLES: dict[str, Promise] = {
    "owner": _("Owners"),
    "peer": _("Peers"),
    "expert": _("Experts"),
    "llm": _("Judges (models)"),
}


@register.filter
def stage_title(stage: str) -> str:
    """What a stage is about."""
    return str(TITLES.get(stage, stage))


@register.filter
def stage_question(stage: str, role: str) -> str:
    """What a stage asks of somebody in a role."""
    questions = OWN_QUESTIONS if role == "owner" else QUESTIONS
    return str(questions.get(stage, stage))


@register.filter
def speaker(speaker: str, role: str) -> str:
    """Who speaks in a turn, as said to somebody in a role."""
    if speaker == "user" and role == "owner":
        return str(_("You"))
    return str(SPEAKERS.get(speaker, speaker))


@register.filter
def role_title(role: str) -> str:
    """Those who judge in a role."""
    return str(ROLES.get(role, role))


GROUPS: dict[str, Promise] = {
    "owner-peer": _("Owner and peer"),
    "expert-peer": _("Expert and peer"),
    "peer-peer": _("Two peers"),
    "human-llm": _("A person and a model"),
    "llm-llm": _("Two models"),
}


@register.filter
def group_title(group: str) -> str:
    """Who is compared with whom."""
    return str(GROUPS.get(group, group))
