"""What jobs of verifying and refining do: ask whether an attribute is borne out, and for a better.

One round: what was refined is not verified again, so that no two models talk without end.
"""

from generation import verifying
from generation.actions.verifying import drop_attribute, record_revision, record_verification
from generation.allowed import Gone, check_allowed
from generation.asking import answered, insist
from generation.extraction import Accepted
from generation.extraction import schema as extraction_schema
from generation.handlers.rows import endpoint_of
from generation.handlers.settling import settled
from generation.models import Attribute, Verification
from generation.posed import Posed
from generation.provenance import author_of, provenance_of
from generation.verifying import Quoted
from llm.exchange import Answer
from llm.models import Endpoint
from work.claims import Claim
from work.errors import GiveUp
from work.queue import finishing


@settled
def verify(claim: Claim) -> None:
    """Ask whether the evidence bears the attribute; keep the answer."""
    endpoint, attribute = endpoint_of(claim), attribute_of(claim)
    check_allowed(attribute.participant_id, endpoint)
    author = author_of(endpoint.model)
    if attribute.verifications.filter(author=author).exists():
        raise Gone("already")
    question = verifying.verify_prompt(attribute, _evidence(attribute))
    answer = answered(endpoint, question, verifying.verdict_schema(), claim)
    verdict = _verdict(endpoint, answer, claim)
    fault = "" if verdict.supported else verdict.fault
    counts = {"supported": int(not fault), "faults": {fault: 1} if fault else {}}
    with finishing(claim, value={**counts, "call": str(answer.call_id)}):
        record_verification(
            attribute=attribute,
            author=author,
            fault=fault,
            provenance=provenance_of(endpoint, question, answer),
            call_id=answer.call_id,
        )


@settled
def refine(claim: Claim) -> None:
    """Ask the extractor for a better attribute; keep it, or that the extractor gave it up."""
    endpoint, verification = endpoint_of(claim), verification_of(claim)
    attribute = verification.attribute
    check_allowed(attribute.participant_id, endpoint)
    evidence = _evidence(attribute)
    turns = evidence[0].conversation.turns_at()
    question = verifying.refine_prompt(attribute, verification.fault, evidence, turns)
    answer = answered(endpoint, question, extraction_schema(), claim)
    revision = _revision(endpoint, answer, evidence[0], claim)
    if revision is not None and verifying.says_the_same(revision, attribute):
        with finishing(claim, value={"kept": 1, "call": str(answer.call_id)}):
            return
    counts = {"dropped": int(revision is None), "refined": int(revision is not None)}
    with finishing(claim, value={**counts, "call": str(answer.call_id)}):
        if revision is None:
            drop_attribute(attribute=attribute, verification=verification)
        else:
            record_revision(
                attribute=attribute,
                verification=verification,
                revision=revision,
                said=evidence[0],
                provenance=provenance_of(endpoint, question, answer),
                call_id=answer.call_id,
            )


def verify_questions(claim: Claim) -> list[Posed]:
    """What a job of verifying asks."""
    attribute = attribute_of(claim)
    question = verifying.verify_prompt(attribute, _evidence(attribute))
    return [Posed(question, verifying.verdict_schema())]


def refine_questions(claim: Claim) -> list[Posed]:
    """What a job of refining asks."""
    verification = verification_of(claim)
    evidence = _evidence(verification.attribute)
    turns = evidence[0].conversation.turns_at()
    attribute, fault = verification.attribute, verification.fault
    question = verifying.refine_prompt(attribute, fault, evidence, turns)
    return [Posed(question, extraction_schema())]


# -- What the ids stand for ----------------------------------------------------


def attribute_of(claim: Claim) -> Attribute:
    """The one that the job is about, while it is remembered."""
    rows = Attribute.objects.remembered().filter(pk=claim.payload["attribute"])
    attribute = rows.first()
    if attribute is None:
        raise Gone("gone")
    return attribute


def verification_of(claim: Claim) -> Verification:
    """The complaint that the job is about, while the attribute is remembered and stands."""
    standing = Attribute.objects.remembered().current()
    rows = Verification.objects.select_related("attribute").filter(
        pk=claim.payload["verification"], attribute__in=standing
    )
    verification = rows.first()
    if verification is None:
        raise Gone("gone")
    return verification


def _evidence(attribute: Attribute) -> list[Quoted]:
    """Where it was said, as it stands now; nothing is asked if all of it was edited away."""
    evidence = verifying.quoted(attribute)
    if not evidence:
        raise Gone("gone")
    return evidence


# -- Answers -------------------------------------------------------------------


def _verdict(endpoint: Endpoint, answer: Answer, claim: Claim) -> verifying.Verdict:
    try:
        return verifying.read_verdict(answer.value)
    except verifying.InvalidVerdict as problem:
        insist(endpoint, answer, claim, str(problem))
        raise GiveUp(f"invalid_value: {problem}") from problem


def _revision(endpoint: Endpoint, answer: Answer, said: Quoted, claim: Claim) -> Accepted | None:
    try:
        return verifying.read_revision(answer.value, said.conversation.turns_at())
    except verifying.InvalidRevision as problem:
        insist(endpoint, answer, claim, str(problem))
        raise GiveUp(f"invalid_value: {problem}") from problem
