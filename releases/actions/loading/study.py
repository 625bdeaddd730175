"""Into which study an import goes: the one there is, or one made of the document that came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from annotation.models import Item, Rater, RubricVersion
from annotation.rubric_versions import rubric_document
from annotation.rubrics.document import parse_rubric
from collection.models import Conversation
from generation.models import Attribute, Prompt
from releases.actions.loading.load import Entry, Faults, ImportRefused, Load
from releases.bundle.lines import Fault, Line, Refused
from releases.bundle.records import StudyRecord
from studies.actions.studies import load_study
from studies.models import Participant, Study, User
from studies.rules import check_can_manage

KINDS = (Participant, Conversation, Attribute, Prompt, Rater, Item)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an import is to go."""

    study: Study | None
    """None makes one."""
    slug: str = ""
    """Of the one to be made; empty takes the document's own."""
    document: Mapping[str, Any] | None = None
    """Of the one to be made, where the files carry none."""
    by: User | None = None


def load_of(target: Target, lines: Sequence[Line], faults: Faults) -> Load:
    """The study of an import, locked against another one, with what its line says.

    Raises ImportRefused where the line is wrong: without it nothing else can be taken.
    """
    entry = _only(lines)
    there = target.study
    study = _existing(there, target.by, entry) if there else _made(target, entry)
    if entry:
        _take_line(study, entry, is_new=target.study is None)
    stages = study.document.get("stages") or {}
    versions = {
        stage: rubric_document(section or {}, stage)["version"] for stage, section in stages.items()
    }
    return Load(study=study, faults=faults, rubric_versions=versions)


def _only(lines: Sequence[Line]) -> Entry[StudyRecord] | None:
    if len(lines) > 1:
        raise _refused(lines[1], "kind", "a bundle holds one study, and this is its second")
    if not lines:
        return None
    shaping = Load(study=Study(), faults=Faults(skip_bad=False))
    shaped = shaping.shaped(lines, StudyRecord)
    shaping.faults.stop_if_any()
    return shaped[0]


def _existing(study: Study, by: User | None, entry: Entry[StudyRecord] | None) -> Study:
    if by:
        check_can_manage(study, by)
    locked = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if entry and {**entry.record.document, "slug": study.slug} != locked.document:
        raise _refused(
            entry.line,
            "document",
            f"differs from that of the study {study.slug}; leave the line out to keep the "
            "study's own, or import into a new study",
        )
    return locked


def _made(target: Target, entry: Entry[StudyRecord] | None) -> Study:
    document = dict(entry.record.document if entry else target.document or {})
    if not document:
        raise ImportRefused(
            [Fault(target.slug, 0, "", "the files hold no line of kind study to make it from")]
        )
    if target.slug:
        document["slug"] = target.slug
    if Study.objects.filter(slug=document.get("slug")).exists():
        raise ValidationError(f"There is a study “{document['slug']}” already.")
    try:
        return load_study(document=document, by=target.by)
    except ValidationError as error:
        if entry is None:
            raise
        raise ImportRefused(
            Fault(entry.line.file, entry.line.number, "document", sentence)
            for sentence in error.messages
        ) from None


def _take_line(study: Study, entry: Entry[StudyRecord], *, is_new: bool) -> None:
    """A study without any rows takes over name and state; one with rows keeps its own."""
    record = entry.record
    if is_new or not any(kind.objects.filter(study=study).exists() for kind in KINDS):
        study.ref, study.state, study.extra = record.id, record.state, record.extra
        # Panel ids that come to this installation are forgotten from now on.
        study.closed_at = None if study.is_open else timezone.now()
        study.save(update_fields=["ref", "state", "closed_at", "extra"])
    for index, rubric in enumerate(record.rubrics):
        try:
            _keep_rubric(study, rubric.stage, rubric.version, rubric.document)
        except Refused as refusal:
            raise _refused(entry.line, f"rubrics[{index}]", refusal.reason) from None


def _keep_rubric(study: Study, stage: str, version: int, document: dict[str, Any]) -> None:
    try:
        parsed = parse_rubric(document)
    except ValidationError as error:
        raise Refused("", " ".join(error.messages)) from None
    if parsed.version != version:
        raise Refused("", f"the document is of version {parsed.version}, not {version}")
    kept, made = RubricVersion.objects.get_or_create(
        study=study, stage=stage, version=version, defaults={"document": document}
    )
    if not made and kept.document != document:
        raise Refused("", f"the study's version {version} of its {stage} rubric differs")


def _refused(line: Line, field: str, reason: str) -> ImportRefused:
    return ImportRefused([Fault(line.file, line.number, field, reason)])
