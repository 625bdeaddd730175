"""TRL's RewardTrainer: `chosen, rejected`, each the whole list of messages."""

from collections.abc import Iterator

from releases.columns import MESSAGES, TEXT, schema_of
from releases.tables.table import Source
from releases.trainers.preferences import META_FIELDS, preferences, reply
from releases.trainers.trainer import Example, Trainer


def examples(source: Source) -> Iterator[Example]:
    """One per decided pair."""
    for each in preferences(source):
        columns = {
            "chosen": each.prompt + reply(each.chosen),
            "rejected": each.prompt + reply(each.rejected),
        }
        yield Example(columns, each.meta, each.meta)


TRAINER = Trainer(
    name="trl_reward",
    title="Preferences for TRL's RewardTrainer: chosen and rejected as whole conversations.",
    schema=schema_of([("chosen", MESSAGES), ("rejected", MESSAGES)]),
    meta_schema=schema_of([(name, TEXT) for name in META_FIELDS]),
    examples=examples,
)
