"""A relevance classifier (CrossEncoder): `attribute, prompt, label`.

The label is 1.0 or 0.0 where the owner answered, else the share of "yes" among the people who
answered on the scale (peers and experts alike), else among the published aggregates. What counts
as "yes" is marked in the rubric; the question is its first about the item as a whole that has such
a mark. Models never decide. A prompt with turns before it is one text, a line `role: content`
per turn.
"""

from collections.abc import Iterator

from annotation.choices import Stage
from annotation.rubrics.document import Question
from releases.columns import FLOAT, TEXT, schema_of
from releases.questions import OPTIONS, has_positive
from releases.tables import relevance
from releases.tables.summaries import share
from releases.tables.table import Row, Source
from releases.trainers.trainer import Example, Trainer

META_FIELDS = ("item", "subject", "attribute", "prompt", "question", "decided_by")


def relevance_question(source: Source) -> Question | None:
    """The question that decides, or None if the study asks none with a "yes"."""
    asked = source.asked.newest(Stage.RELEVANCE)
    return next(
        (q for q in asked if q.kind in OPTIONS and q.per == "item" and has_positive(q)), None
    )


def examples(source: Source) -> Iterator[Example]:
    """One per item that a person decided and whose words may leave."""
    question = relevance_question(source)
    if question is None:
        return
    for row in relevance.TABLE.rows(source):
        label, decided_by = decision(question, row)
        if label is not None and _has_words(row):
            yield _example(row, label, decided_by, question.key)


def decision(question: Question, row: Row) -> tuple[float | None, str]:
    """The label and who decided."""
    key = question.key
    owner = row[f"{key}__owner"]
    for decided_by, values in (
        ("owner", [] if owner is None else [owner]),
        ("people", [*row[f"{key}__peers"], *row[f"{key}__experts"]]),
        ("aggregate", [each["value"] for each in row[f"{key}__aggregates"]]),
    ):
        label = share(question, values)
        if label is not None:
            return label, decided_by
    return None, ""


def _has_words(row: Row) -> bool:
    return row["attribute_text"] is not None and row["prompt_text"] is not None


def _example(row: Row, label: float, decided_by: str, key: str) -> Example:
    meta = {name: row[name] for name in ("item", "subject", "attribute", "prompt")}
    meta |= {"question": key, "decided_by": decided_by}
    columns = {"attribute": row["attribute_text"], "prompt": prompt_text(row), "label": label}
    return Example(columns, meta, meta)


def prompt_text(row: Row) -> str:
    """The request with the turns before it as one text."""
    if not row["prompt_before"]:
        text: str = row["prompt_text"]
        return text
    turns = [*row["prompt_before"], {"role": "user", "content": row["prompt_text"]}]
    return "\n".join(f"{turn['role']}: {turn['content']}" for turn in turns)


TRAINER = Trainer(
    name="relevance_classifier",
    title="Attributes and prompts with the share of people who find them relevant.",
    schema=schema_of([("attribute", TEXT), ("prompt", TEXT), ("label", FLOAT)]),
    meta_schema=schema_of([(name, TEXT) for name in META_FIELDS]),
    examples=examples,
)
