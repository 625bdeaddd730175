"""PandaLM's test set: two responses, three people's verdicts, and two judges' from files beside it.

The three annotators are the peers of every item. Equal contents stay separate items, as `idx`
names them. A verdict of a judge that is none of 1, 2 and tie is kept as unusable with its text.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from releases.bundle.lines import Fault, Line
from releases.importers.files import Shape, in_canonical_text, read_objects
from releases.importers.format import Findings, Format

TEST_SET = "testset-v1.json"
ANNOTATORS = ("annotator1", "annotator2", "annotator3")
VERDICTS = {"0": "tie", "1": "1", "2": "2", "tie": "tie"}
JUDGES = {
    "gpt-3.5-turbo": ("gpt-3.5-turbo-testset-v1.json", "gpt"),
    "pandalm-7b": ("pandalm-7b-testset-v1.json", "pandalm"),
}
"""Judge → file, prefix of its columns."""


class Comparison(Shape):
    """A request, two responses and three verdicts."""

    idx: int
    motivation_app: str
    cmp_key: str
    instruction: str
    input: str
    response1: str | bool
    response2: str | bool
    annotator1: int
    annotator2: int
    annotator3: int


class Verdict(Shape):
    """What a judge made of one comparison; its columns carry the judge's own prefix."""

    idx: int


def read(paths: Sequence[Path], findings: Findings) -> Iterator[Line | Fault]:
    """The test set (its file, or the folder it is in) with the judges' files beside it."""
    for path in paths:
        file = path / TEST_SET if path.is_dir() else path
        yield from _raters(file)
        yield from _comparisons(file, findings)
        for judge, (name, prefix) in JUDGES.items():
            beside = file.with_name(name)
            if beside.exists():
                yield from _verdicts(beside, judge, prefix, findings)


def _raters(file: Path) -> Iterator[Line]:
    for name in ANNOTATORS:
        yield Line(str(file), 0, "rater", {"id": name, "rater_kind": "human"})
    for judge, (name, _prefix) in JUDGES.items():
        if file.with_name(name).exists():
            yield Line(str(file), 0, "rater", {"id": judge, "rater_kind": "llm", "model": judge})


def _comparisons(file: Path, findings: Findings) -> Iterator[Line | Fault]:
    contents: set[tuple[str, str, Any, Any]] = set()
    counts = {"rows": 0, "distinct_contents": 0, "blank_responses": 0, "boolean_responses": 0}
    for number, row in read_objects(file, Comparison):
        if isinstance(row, Fault):
            yield row
            continue
        contents.add((row.instruction, row.input, row.response1, row.response2))
        counts["rows"] += 1
        for response in (row.response1, row.response2):
            counts["blank_responses"] += isinstance(response, str) and not response.strip()
            counts["boolean_responses"] += isinstance(response, bool)
        for kind, record in _records(row):
            yield Line(str(file), number, kind, record)
    findings["test_set"] = counts | {"distinct_contents": len(contents)}


def _records(row: Comparison) -> Iterator[tuple[str, dict[str, Any]]]:
    text = f"{row.instruction}\n\n{row.input}" if row.input else row.instruction
    prompt, models = f"p{row.idx}", row.cmp_key.split("_", 1)
    yield (
        "prompt",
        {
            "id": prompt,
            "text": text,
            "instruction": row.instruction,
            "input": row.input,
            "motivation_app": row.motivation_app,
        },
    )
    responses = [f"r{row.idx}-1", f"r{row.idx}-2"]
    texts = [in_canonical_text(row.response1), in_canonical_text(row.response2)]
    for ref, model, reply in zip(responses, models, texts, strict=True):
        yield "response", {"id": ref, "prompt": prompt, "model": model, "text": reply}
    item = f"i{row.idx}"
    yield "item", {"id": item, "stage": "response", "prompt": prompt, "responses": responses}
    for name in ANNOTATORS:
        value = getattr(row, name)
        answers = {"preference": VERDICTS.get(str(value), str(value))}
        yield (
            "judgment",
            {
                "id": f"j{row.idx}-{name}",
                "item": item,
                "rater": name,
                "role": "peer",
                "answers": answers,
                "order": responses,
            },
        )


def _verdicts(file: Path, judge: str, prefix: str, findings: Findings) -> Iterator[Line | Fault]:
    counts = {"rows": 0, "unusable": 0}
    for number, row in read_objects(file, Verdict):
        if isinstance(row, Fault):
            yield row
            continue
        record = _verdict(row, judge, prefix)
        counts["rows"] += 1
        counts["unusable"] += not record["usable"]
        yield Line(str(file), number, "judgment", record)
    findings.setdefault("judges", {})[judge] = counts


def _verdict(row: Verdict, judge: str, prefix: str) -> dict[str, Any]:
    said = row.model_extra or {}
    result = in_canonical_text(said.get(f"{prefix}_result"))
    value = VERDICTS.get(result.strip().lower())
    return {
        "id": f"j{row.idx}-{judge}",
        "item": f"i{row.idx}",
        "rater": judge,
        "role": "llm",
        "answers": None if value is None else {"preference": value},
        "usable": value is not None,
        "raw": result,
        "order": [f"r{row.idx}-1", f"r{row.idx}-2"],
        "reason": said.get(f"{prefix}_reason"),
        "reference": said.get(f"{prefix}_reference"),
    }


def document(slug: str) -> Mapping[str, Any]:
    """Stage 3 with PandaLM's own question: which answer is better, 1, 2 or about equal."""
    wording = {"en": "Which answer is better?"}
    options = [
        {"value": "1", "favours": "first", "label": {"en": "The first"}},
        {"value": "2", "favours": "second", "label": {"en": "The second"}},
        {"value": "tie", "favours": "none", "label": {"en": "About equal"}},
    ]
    question = {
        "key": "preference",
        "kind": "pairwise",
        "scale": "nominal",
        "per": "item",
        "required": True,
        "options": options,
        "wording": {"peer": wording, "llm": wording},
    }
    rubric = {"version": 1, "questions": [question]}
    return {
        "slug": slug,
        "title": {"en": "PandaLM test set"},
        "languages": ["en"],
        "judges": [{"name": "plain", "endpoint": "default"}],
        "stages": {"response": {"overlap": {"peer": 3}, "rubric": rubric}},
    }


PANDALM = Format(name="pandalm", read=read, document=document)
