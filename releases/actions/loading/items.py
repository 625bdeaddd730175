"""Loading items: what is judged, with the digest of its content."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from annotation.digests import extraction_digest, relevance_digest_of, response_digest_of
from annotation.models import Item
from collection.models import Conversation, Turn, latest_turns
from generation.models import Attribute, Evidence, Prompt, Response
from releases.actions.loading.load import Entry, Load, needed, optional
from releases.bundle.lines import Refused
from releases.bundle.records import ItemRecord
from studies.bulk import Row, insert, new_id

ITEM = (
    "id", "study_id", "ref", "stage", "attribute_id", "conversation_id", "prompt_id", "first_id",
    "second_id", "content_digest", "extra",
)  # fmt: skip
CONVERSATIONS_AT_A_TIME = 50


class AttributeFacts(NamedTuple):
    """An attribute, with its text where a digest needs it."""

    id: UUID
    text: str = ""


class PromptFacts(NamedTuple):
    """A prompt, with its texts where a digest needs them."""

    id: UUID
    text: str = ""
    before: Any = ()


class ResponseFacts(NamedTuple):
    """A response, with its text where a digest needs it."""

    id: UUID
    prompt_id: UUID
    text: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a portion of items refers to, by ref."""

    attributes: dict[str, AttributeFacts]
    conversations: dict[str, UUID]
    prompts: dict[str, PromptFacts]
    responses: dict[str, ResponseFacts]


@dataclass(slots=True)
class Draft:
    """An item that refers to what is there."""

    id: UUID
    record: ItemRecord
    attribute: AttributeFacts | None
    conversation_id: UUID | None
    prompt: PromptFacts | None
    responses: tuple[ResponseFacts, ...]
    digest: str = ""


def load_items(load: Load, entries: list[Entry[ItemRecord]]) -> None:
    """Write items. A digest that a line carries is kept: it is of what raters saw at the time."""
    about = _about(load, [entry.record for entry in entries])
    drafts: list[Draft] = []

    def take(entry: Entry[ItemRecord]) -> None:
        draft = _draft(entry.record, about)
        if entry.record.edition is not None:
            load.editions[draft.id] = entry.record.edition
        drafts.append(draft)

    load.taken(load.unknown(Item, entries), take)
    _add_digests(drafts)
    insert(Item, ITEM, (_row(load, draft) for draft in drafts))


def _about(load: Load, records: Sequence[ItemRecord]) -> About:
    # The texts are only needed for the digests of items that came without.
    needs_texts = any(record.content_digest is None for record in records)
    text = ["text"] if needs_texts else []
    texts = ["text", "before"] if needs_texts else []
    attributes = load.found(Attribute, (record.attribute for record in records), *text)
    prompts = load.found(Prompt, (record.prompt for record in records), *texts)
    refs = (ref for record in records for ref in record.responses or ())
    responses = load.found(Response, refs, "prompt_id", *text)
    return About(
        attributes={ref: AttributeFacts(*row) for ref, row in attributes.items()},
        conversations=load.ids(Conversation, (record.conversation for record in records)),
        prompts={ref: PromptFacts(*row) for ref, row in prompts.items()},
        responses={ref: ResponseFacts(*row) for ref, row in responses.items()},
    )


def _draft(record: ItemRecord, about: About) -> Draft:
    _check_stage(record)
    refs = record.responses or []
    prompt = optional(about.prompts, record.prompt, "prompt")
    responses = tuple(needed(about.responses, ref, f"responses[{n}]") for n, ref in enumerate(refs))
    for n, response in enumerate(responses):
        if response.prompt_id != prompt.id:
            raise Refused(f"responses[{n}]", "answers another prompt")
    return Draft(
        id=new_id(),
        record=record,
        attribute=optional(about.attributes, record.attribute, "attribute"),
        conversation_id=optional(about.conversations, record.conversation, "conversation"),
        prompt=prompt,
        responses=responses,
    )


def _check_stage(record: ItemRecord) -> None:
    given = {
        name
        for name in ("attribute", "conversation", "prompt", "responses")
        if getattr(record, name)
    }
    allowed = {
        "extraction": [{"attribute"}, {"conversation"}, {"attribute", "conversation"}],
        "relevance": [{"attribute", "prompt"}],
        "response": [{"prompt", "responses"}],
    }
    if given not in allowed[record.stage]:
        named = " and ".join(sorted(given)) or "nothing"
        raise Refused("stage", f"an item of stage {record.stage} cannot be about {named}")
    refs = record.responses or []
    if len(set(refs)) < len(refs):
        raise Refused("responses", "names the same response twice")


def _row(load: Load, draft: Draft) -> Row:
    record = draft.record
    ids = [response.id for response in draft.responses] + [None, None]
    return (
        draft.id, load.study.id, record.id, record.stage,
        draft.attribute.id if draft.attribute else None, draft.conversation_id,
        draft.prompt.id if draft.prompt else None, ids[0], ids[1],
        record.content_digest or draft.digest, record.extra,
    )  # fmt: skip


def _add_digests(drafts: Iterable[Draft]) -> None:
    undigested = [draft for draft in drafts if draft.record.content_digest is None]
    for draft in undigested:
        prompt = draft.prompt
        if prompt and draft.attribute:
            draft.digest = relevance_digest_of(prompt.before, prompt.text, draft.attribute.text)
        elif prompt:
            texts = [response.text for response in draft.responses]
            draft.digest = response_digest_of(prompt.before, prompt.text, texts)
    _add_extraction_digests([draft for draft in undigested if not draft.prompt])


def _add_extraction_digests(drafts: Sequence[Draft]) -> None:
    """Conversation by conversation, so that few texts are in memory at once."""
    evidence = _evidence(draft.attribute.id for draft in drafts if draft.attribute)
    by_conversation: dict[UUID | None, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_conversation[_conversation_of(draft, evidence)].append(draft)
    for conversation_id, turns in _turns(list(by_conversation)):
        for draft in by_conversation[conversation_id]:
            about = draft.attribute
            draft.digest = extraction_digest(
                turns=turns,
                attribute=Attribute(text=about.text) if about else None,
                evidence=evidence.get(about.id, []) if about else [],
            )


def _evidence(attributes: Iterable[UUID]) -> dict[UUID, list[Evidence]]:
    rows = Evidence.objects.filter(attribute__in=set(attributes)).select_related("turn")
    found: dict[UUID, list[Evidence]] = defaultdict(list)
    fields = ("attribute_id", "conversation_id", "start", "end", "turn__position", "turn__edition")
    for row in rows.order_by("conversation__ref").only(*fields):
        found[row.attribute_id].append(row)
    return found


def _conversation_of(draft: Draft, evidence: dict[UUID, list[Evidence]]) -> UUID | None:
    if draft.conversation_id or not draft.attribute:
        return draft.conversation_id
    rows = evidence.get(draft.attribute.id)
    return rows[0].conversation_id if rows else None


def _turns(conversations: Iterable[UUID | None]) -> Iterator[tuple[UUID | None, list[Turn]]]:
    ids = sorted(id for id in conversations if id)
    yield None, []
    for start in range(0, len(ids), CONVERSATIONS_AT_A_TIME):
        portion = ids[start : start + CONVERSATIONS_AT_A_TIME]
        said: dict[UUID, list[Turn]] = {id: [] for id in portion}
        for turn in Turn.objects.filter(conversation__in=portion):
            said[turn.conversation_id].append(turn)
        for id, turns in said.items():
            yield id, latest_turns(turns)
