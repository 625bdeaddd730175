"""What a model is asked for a reply: its instructions and what was said before."""

from collections.abc import Sequence

from collection.converse.document import section_of
from collection.models import Turn
from collection.unshared.models import UnsharedConversation, UnsharedTurn
from llm.exchange import Prompt
from work.keys import digest_of

TASK = "converse"


def prompt_for(
    conversation: UnsharedConversation, reply: UnsharedTurn, before: Sequence[UnsharedTurn]
) -> Prompt:
    """The turns that the conversation went on from, under its system prompt."""
    instructions = _instructions(conversation)
    system = [{"role": "system", "content": instructions}] if instructions else []
    said = [
        {"role": turn.role, "content": turn.content}
        for turn in before
        if turn.is_chosen and turn.content and turn.position < reply.position
    ]
    spoken = [turn for turn in said if turn["role"] == Turn.Role.USER]
    return Prompt(
        task=TASK,
        messages=[*system, *said],
        inputs={
            "request": spoken[-1]["content"],
            "number": len(spoken) + reply.place,
            "language": conversation.language,
        },
        version=digest_of({"system": instructions})[:16] if instructions else "",
    )


def _instructions(conversation: UnsharedConversation) -> str:
    section = section_of(conversation.study)
    prompts = section.system_prompts if section else []
    key = conversation.system_prompt
    return next((prompt.text for prompt in prompts if prompt.key == key), "")
