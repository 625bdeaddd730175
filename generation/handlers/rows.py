"""What the ids in a job's payload stand for: rows of the job's own subject, as they still stand.

Raises `Gone` where a row is there no more, was forgotten or redacted, or is about somebody else:
the question would be another one.
"""

from collections.abc import Sequence

from django.db.models import Max, UUIDField

from collection.models import Conversation, Turn
from generation.allowed import Gone
from generation.models import Attribute, Prompt
from llm.budgets import HELD_FOR, scope_of_endpoint, whose
from llm.models import Endpoint
from work.claims import Claim
from work.errors import Hold
from work.statements import Given, Select

PK = Given("pk", UUIDField())
CONVERSATION = Select(Conversation.objects.filter(pk=PK))
ENDPOINT = Select(Endpoint.objects.filter(pk=PK))


def conversation_of(claim: Claim) -> Conversation:
    """The one that the job reads."""
    for conversation in CONVERSATION(pk=claim.payload["conversation"]):
        return conversation
    raise Gone("gone")


def endpoint_of(claim: Claim) -> Endpoint:
    """The one to ask; the job is held while it is switched off."""
    return endpoint_by_id(claim.payload["endpoint"])


def endpoint_by_id(pk: str) -> Endpoint:
    """One that the plan names; the job is held while it is switched off."""
    (endpoint,) = ENDPOINT(pk=pk)
    if not endpoint.is_active:
        on = Endpoint.objects.filter(pk=pk, is_active=True)
        reason = f"{HELD_FOR}{whose(scope_of_endpoint(endpoint))} is switched off"
        raise Hold(reason, is_still_so=lambda: not on.exists())
    return endpoint


def prompt_of(claim: Claim) -> Prompt:
    """The request that the job is about, with its study: the person's own, or of the pool."""
    prompt = Prompt.objects.select_related("study").filter(pk=claim.payload["prompt"]).first()
    if prompt is None or prompt.participant_id not in (None, claim.subject):
        raise Gone("gone")
    return prompt


def attributes_of(claim: Claim) -> Sequence[Attribute]:
    """Those of the plan in its order. One that was removed or forgotten changes the question."""
    wanted = claim.payload["attributes"]
    own = Attribute.objects.remembered().filter(pk__in=wanted, participant=claim.subject)
    rows = {str(row.pk): row for row in own}
    if len(rows) != len(wanted):
        raise Gone("gone")
    return [rows[pk] for pk in wanted]


def turns_of(claim: Claim) -> Sequence[Turn]:
    """Those of the plan in its order. One that was written anew since is not sent as it was."""
    wanted = claim.payload.get("turns") or []
    own = Turn.objects.filter(pk__in=wanted, conversation__participant=claim.subject)
    rows = {str(row.pk): row for row in own}
    if len(rows) != len(wanted) or _is_outdated(list(rows.values())):
        raise Gone("gone")
    return [rows[pk] for pk in wanted]


def _is_outdated(turns: Sequence[Turn]) -> bool:
    """Was one of them written anew?"""
    same = Turn.objects.filter(conversation__in={turn.conversation_id for turn in turns})
    last = same.order_by().values_list("conversation_id", "position").annotate(Max("edition"))
    newest = {(conversation, position): edition for conversation, position, edition in last}
    return any(newest[turn.conversation_id, turn.position] != turn.edition for turn in turns)
