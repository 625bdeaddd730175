"""The request for a response: the person's own turns, and what is given beside them."""

from collections.abc import Mapping
from typing import Any

from generation import prompt_files
from generation.injections import flags_in
from generation.models import Prompt
from llm.exchange import Prompt as Question

TASK = "response"
"""Of every question whose answer is a response, or a draft of one."""
SPOKEN = ("user", "assistant")
"""Whose turns before the prompt are repeated to the model.

Instructions and tool output that another model was given are no part of what the person said.
"""
LAST_SAID = 2
"""How many of the person's turns before the prompt tell what it is about."""


def question_for(
    prompt: Prompt,
    prompt_file: str,
    material: Mapping[str, Any] | None = None,
    *,
    number: int = 0,
    temperature: float | None = None,
) -> Question:
    """The prompt with the turns before it as they were said, and a file's instructions.

    `material` goes into the instructions at the file's `$name`s, enclosed as what others wrote;
    the baseline reads it under the same names. The seed is the prompt's own, equal for every
    strategy, so that only what was given differs; of several samples each has a `number`.
    """
    file = prompt_files.load(prompt_file)
    given = dict(material or {})
    enclosed = {name: prompt_files.as_material(facts) for name, facts in given.items()}
    before = turns_before(prompt)
    request = {"role": "user", "content": prompt.text}
    instructions = {"role": "system", "content": file.render(**enclosed)}
    return Question(
        task=TASK,
        messages=[instructions, *before, request],
        inputs={"before": before, "request": prompt.text, **given},
        version=file.version,
        temperature=temperature,
        seed=(prompt.pk.int + number) % 2**31,
        flags=flags_in(given),
    )


def turns_before(prompt: Prompt) -> list[dict[str, str]]:
    """What person and model said before the prompt."""
    return [
        {"role": turn["role"], "content": turn["content"]}
        for turn in prompt.before
        if turn.get("role") in SPOKEN
    ]


def wanted(prompt: Prompt) -> str:
    """What the prompt is about, for those who look something up: it, and what was said last."""
    said = [turn["content"] for turn in prompt.before if turn.get("role") == "user"]
    return "\n".join([*said[-LAST_SAID:], prompt.text])
