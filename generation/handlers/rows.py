"""What the ids in a job's payload stand for; raises `Gone` where a row is there no more."""

from collections.abc import Sequence

from collection.models import Conversation
from generation.allowed import Gone
from generation.models import Attribute, Prompt
from llm.models import Endpoint
from work.claims import Claim
from work.errors import GiveUp


def conversation_of(claim: Claim) -> Conversation:
    """The one that the job reads."""
    conversation = Conversation.objects.filter(pk=claim.payload["conversation"]).first()
    if conversation is None:
        raise Gone("gone")
    return conversation


def endpoint_of(claim: Claim) -> Endpoint:
    """The one to ask; gives the job up if it was switched off."""
    endpoint = Endpoint.objects.get(pk=claim.payload["endpoint"])
    if not endpoint.is_active:
        raise GiveUp(f"The endpoint {endpoint.name} is switched off.")
    return endpoint


def prompt_of(claim: Claim) -> Prompt:
    """The request that the job is about, with its study."""
    prompt = Prompt.objects.select_related("study").filter(pk=claim.payload["prompt"]).first()
    if prompt is None:
        raise Gone("gone")
    return prompt


def attributes_of(claim: Claim) -> Sequence[Attribute]:
    """Those of the plan in its order. One that was removed or forgotten changes the question."""
    wanted = claim.payload["attributes"]
    rows = {str(row.pk): row for row in Attribute.objects.remembered().filter(pk__in=wanted)}
    if len(rows) != len(wanted):
        raise Gone("gone")
    return [rows[pk] for pk in wanted]
