"""Which of two responses is preferred, and on whose word.

The owner's answer decides where there is one. Otherwise the majority of the other people decides
(peers and experts alike, counted by the side they favour: more for one side than for the other
and than for neither), and where no person answered, the majority of the published aggregates.
Models never decide. An answer for neither side, a draw, an unusable answer and one off the scale
make no preference, and neither does a pair whose words may not leave.

The question asked is the rubric's first pairwise question about the item as a whole.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.choices import Stage
from annotation.rubrics.document import Question
from releases.tables import responses
from releases.tables.table import Row, Source

META_FIELDS = ("item", "subject", "prompt", "chosen", "rejected", "question", "decided_by")


@dataclass(frozen=True)
class Preference:
    """A pair that is decided; the messages are `{role, content}`."""

    prompt: list[Row]
    chosen: str
    rejected: str
    meta: Row


def preference_question(source: Source) -> Question | None:
    """The question that decides, or None if the study asks no comparison."""
    asked = source.asked.newest(Stage.RESPONSE)
    return next((q for q in asked if q.kind == "pairwise" and q.per == "item"), None)


def preferences(source: Source) -> Iterator[Preference]:
    """The decided pairs of a study whose words may leave, in the order of items."""
    question = preference_question(source)
    if question is None:
        return
    for row in responses.TABLE.rows(source):
        side, decided_by = decision(question, row)
        if side and _has_words(row):
            yield _preference(row, side, decided_by, question.key)


def decision(question: Question, row: Row) -> tuple[str | None, str]:
    """The side preferred (first or second, None for no preference), and who decided."""
    key = question.key
    people = [*row[f"{key}__peers"], *row[f"{key}__experts"]]
    published = [each["value"] for each in row[f"{key}__aggregates"]]
    owner = row[f"{key}__owner"]
    for decided_by, values in (
        ("owner", [] if owner is None else [owner]),
        ("people", people),
        ("aggregate", published),
    ):
        if votes := sides(question, values):
            return _winner(votes), decided_by
    return None, ""


def sides(question: Question, values: Iterable[Any]) -> list[str]:
    """The sides that these answers favour (first, second, none); off the scale is no vote."""
    favoured = {option.value: option.favours for option in question.on_scale}
    return [side for value in values if (side := favoured.get(value))]


def _winner(votes: Sequence[str]) -> str | None:
    (side, count), *others = Counter(votes).most_common()
    is_draw = bool(others) and others[0][1] == count
    return None if side == "none" or is_draw else side


def _has_words(row: Row) -> bool:
    texts = (row["prompt_text"], row["first_text"], row["second_text"])
    return all(text is not None for text in texts)


def _preference(row: Row, side: str, decided_by: str, key: str) -> Preference:
    other = {"first": "second", "second": "first"}[side]
    meta = {
        "item": row["item"],
        "subject": row["subject"],
        "prompt": row["prompt"],
        "chosen": row[side],
        "rejected": row[other],
        "question": key,
        "decided_by": decided_by,
    }
    asked = [*row["prompt_before"], {"role": "user", "content": row["prompt_text"]}]
    return Preference(asked, row[f"{side}_text"], row[f"{other}_text"], meta)


def reply(text: str) -> list[Row]:
    """A response as the messages that follow a prompt."""
    return [{"role": "assistant", "content": text}]
