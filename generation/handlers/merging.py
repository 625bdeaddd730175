"""What a merging job does: find which of a person's attributes say the same, or cannot both hold.

First by distance, without a model or by its vectors; then the model is asked about what is near
but not the same. The endpoint of vectors needs the person's yes as much as the model does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generation.actions.merging import record_links
from generation.allowed import Gone, check_allowed
from generation.asking import answered, embedded, insist
from generation.extraction_document import EMBEDDINGS, MergeSection
from generation.handlers.rows import endpoint_by_id, endpoint_of
from generation.handlers.settling import settled
from generation.merging import findings, likeness, relations
from generation.merging.clusters import Likeness, clusters
from generation.merging.findings import Finding, Source
from generation.merging.relations import Pair, Relation
from generation.merging.statements import Statement, statements_of
from generation.models import Attribute
from generation.posed import Posed, put_to
from generation.provenance import author_of, provenance_of
from llm.embedding import prompts_for
from llm.exchange import Answer
from llm.models import Endpoint
from studies.models import Participant
from work.claims import Claim
from work.errors import GiveUp
from work.queue import finishing


@dataclass(frozen=True)
class Merging:
    """A person's statements by one author, and how the study wants them merged."""

    participant: Participant
    statements: list[Statement]
    section: MergeSection


@settled
def merge(claim: Claim) -> None:
    """Link what says the same, what is out of date and what is in conflict."""
    endpoint, merging = endpoint_of(claim), merging_of(claim)
    check_allowed(claim.subject, endpoint)
    near, by = _near(merging, claim)
    found, heads = _duplicates(merging, near, by)
    pairs = relations.pairs_of(heads, _between(merging, heads, near))
    for portion in relations.portions(pairs):
        found += _related(endpoint, portion, claim)
    counts = {"statements": len(merging.statements), "pairs": len(pairs)}
    left_out = max(len(pairs) - relations.MOST_PAIRS, 0)
    with finishing(claim, value={**counts, "pairs_left_out": left_out, **_counted(found)}):
        record_links(participant=merging.participant, findings=found)


def questions_of(claim: Claim) -> list[Posed]:
    """What would be asked, as far as shared words tell which attributes are near.

    Where vectors tell it, their endpoint is asked first.
    """
    merging = merging_of(claim)
    asked: list[Posed] = []
    if merging.section.by == EMBEDDINGS:
        vectors = endpoint_by_id(claim.payload["vectors"])
        asked = put_to(vectors, prompts_for(_texts(merging)))
    near = likeness.lexical(_texts(merging), merging.section.least)
    _found, heads = _duplicates(merging, near, "")
    pairs = relations.pairs_of(heads, _between(merging, heads, near))
    for portion in relations.portions(pairs):
        asked.append(Posed(relations.prompt_for(portion), relations.schema(len(portion))))
    return asked


def merging_of(claim: Claim) -> Merging:
    """What the job merges: what of the plan is still there, remembered, and stands."""
    participant = Participant.objects.filter(pk=claim.payload["participant"]).first()
    if participant is None:
        raise Gone("gone")
    own = Attribute.objects.filter(participant=participant, author=claim.payload["author"])
    rows = own.remembered().current().filter(pk__in=claim.payload["statements"])
    stated = [statement for statement in statements_of(rows) if statement.text.strip()]
    return Merging(participant, stated, MergeSection.model_validate(claim.payload["merge"]))


def _texts(merging: Merging) -> list[str]:
    return [statement.text for statement in merging.statements]


# -- Near ones -----------------------------------------------------------------


def _near(merging: Merging, claim: Claim) -> tuple[dict[tuple[int, int], float], str]:
    """How near the statements are, and what that was measured by."""
    section, texts = merging.section, _texts(merging)
    if section.by != EMBEDDINGS:
        return likeness.lexical(texts, section.least), section.by
    endpoint = endpoint_by_id(claim.payload["vectors"])
    check_allowed(claim.subject, endpoint)
    vectors = embedded(endpoint, texts, claim)
    return likeness.of_vectors(vectors, section.least), f"{EMBEDDINGS}:{endpoint.model}"


def _duplicates(merging: Merging, near: Likeness, by: str) -> tuple[list[Finding], list[Statement]]:
    """What says the same by distance, and the statements that are left."""
    alike = likeness.of_the_same(_texts(merging), dict(near))
    groups = clusters(len(merging.statements), alike, merging.section.threshold)
    kept = {"threshold": merging.section.threshold, "linkage": "complete"}
    found = findings.duplicates(merging.statements, groups, near, author=by[:120], provenance=kept)
    return found, [head for head, _ in findings.heads_of(merging.statements, groups)]


def _between(merging: Merging, heads: Sequence[Statement], near: Likeness) -> Likeness:
    """How near those that are left are, by their place among them."""
    places = {head.id: number for number, head in enumerate(heads)}
    ids = [statement.id for statement in merging.statements]
    return {
        tuple(sorted((places[ids[one]], places[ids[other]]))): value  # type: ignore[misc]
        for (one, other), value in near.items()
        if ids[one] in places and ids[other] in places
    }


# -- How they stand to each other ----------------------------------------------


def _related(endpoint: Endpoint, pairs: Sequence[Pair], claim: Claim) -> list[Finding]:
    check_allowed(claim.subject, endpoint)
    question = relations.prompt_for(pairs)
    answer = answered(endpoint, question, relations.schema(len(pairs)), claim)
    decided = _relations(endpoint, answer, pairs, claim)
    kept = provenance_of(endpoint, question, answer)
    source = Source(author_of(endpoint.model), kept, answer.call_id)
    found = (
        findings.of_relation(pair, relation, source)
        for pair, relation in zip(pairs, decided, strict=True)
    )
    return [finding for finding in found if finding is not None]


def _relations(
    endpoint: Endpoint, answer: Answer, pairs: Sequence[Pair], claim: Claim
) -> list[Relation]:
    try:
        return relations.read_relations(answer.value, pairs)
    except relations.InvalidRelations as problem:
        insist(endpoint, answer, claim, str(problem))
        raise GiveUp(f"invalid_value: {problem}") from problem


def _counted(found: Sequence[Finding]) -> dict[str, Any]:
    kinds = [finding.kind.value for finding in found]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
