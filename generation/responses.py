"""The request for a response: the person's own turns, and what the strategy gives."""

from collections.abc import Sequence

from generation import prompt_files
from generation.injections import flags_in
from generation.models import Attribute, Prompt
from generation.strategies.strategy import Strategy
from llm import exchange

SPOKEN = ("user", "assistant")
"""Whose turns before the prompt are repeated to the model.

Instructions and tool output that another model was given are no part of what the person said.
"""


def prompt_for(
    prompt: Prompt, strategy: Strategy, attributes: Sequence[Attribute]
) -> exchange.Prompt:
    """The prompt with the turns before it as they were said, and the strategy's instructions.

    The seed is the prompt's own, equal for every strategy: only what was given differs.
    """
    file = prompt_files.load(strategy.prompt_file)
    notes = [attribute.text for attribute in attributes]
    instructions = file.render(notes=prompt_files.as_material(notes))
    before = [
        {"role": turn["role"], "content": turn["content"]}
        for turn in prompt.before
        if turn.get("role") in SPOKEN
    ]
    request = {"role": "user", "content": prompt.text}
    return exchange.Prompt(
        task="response",
        messages=[{"role": "system", "content": instructions}, *before, request],
        inputs={"before": before, "request": prompt.text, "notes": notes},
        version=file.version,
        seed=prompt.pk.int % 2**31,
        flags=flags_in(notes),
    )
