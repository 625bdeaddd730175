"""TRL's DPOTrainer: `prompt, chosen, rejected`, each a list of messages."""

from collections.abc import Iterator

from releases.columns import MESSAGES, TEXT, schema_of
from releases.tables.table import Source
from releases.trainers.preferences import META_FIELDS, preferences, reply
from releases.trainers.trainer import Example, Trainer


def examples(source: Source) -> Iterator[Example]:
    """One per decided pair."""
    for each in preferences(source):
        columns = {
            "prompt": each.prompt,
            "chosen": reply(each.chosen),
            "rejected": reply(each.rejected),
        }
        yield Example(columns, each.meta, each.meta)


TRAINER = Trainer(
    name="trl_dpo",
    title="Preferences for TRL's DPOTrainer: prompt, chosen and rejected as messages.",
    schema=schema_of([("prompt", MESSAGES), ("chosen", MESSAGES), ("rejected", MESSAGES)]),
    meta_schema=schema_of([(name, TEXT) for name in META_FIELDS]),
    examples=examples,
)
