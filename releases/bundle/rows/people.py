"""Records of the study, its participants and its raters."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from annotation.models import Exclusion, Rater, RubricVersion
from releases.batches import batches
from releases.bundle.canonical import Record, add_extra, add_present, canonical, moment
from studies.models import Consent, Participant, Study

AT_A_TIME = 2_000


def study_records(study: Study) -> Iterator[Record]:
    """The study itself, with every version of its rubrics."""
    record: Record = {"kind": "study", "id": study.ref, "document": canonical(study.document)}
    if study.state != Study.State.OPEN:
        record["state"] = study.state
    rubrics = RubricVersion.objects.filter(study=study).values("stage", "version", "document")
    add_present(record, rubrics=sorted(rubrics, key=lambda row: (row["stage"], row["version"])))
    yield add_extra(record, study.extra)


def participant_records(study: Study) -> Iterator[Record]:
    """People with what they allowed."""
    rows = Participant.objects.filter(study=study).order_by("ref")
    for batch in batches(rows.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        consents = _consents(person.id for person in batch)
        for person in batch:
            record: Record = {
                "kind": "participant",
                "id": person.ref,
                "traits": canonical(person.traits),
                "consent": {"basis": person.basis},
            }
            _add_consents(record, consents.get(person.id, []))
            add_present(record, language=person.language, is_expert=person.is_expert)
            yield add_extra(record, person.extra)


def _consents(people: Iterable[UUID]) -> dict[UUID, list[Consent]]:
    found: dict[UUID, list[Consent]] = defaultdict(list)
    for row in Consent.objects.filter(participant__in=list(people)):
        found[row.participant_id].append(row)
    return found


def _in_order(row: Consent) -> tuple[str, str, str, str]:
    """By scope and version; a yes that was taken back before the one that followed."""
    return (row.scope, row.version, str(row.withdrawn_at or "in force"), str(row.given_at))


def _add_consents(record: Record, rows: list[Consent]) -> None:
    """In one piece where version and time are the same throughout, else row by row."""
    rows = sorted(rows, key=_in_order)
    kinds = {(row.version, row.given_at, row.withdrawn_at) for row in rows}
    if len(kinds) > 1 or any(row.withdrawn_at for row in rows):
        record["consents"] = [_consent(row) for row in rows]
        return
    record["consent"]["scopes"] = [row.scope for row in rows]
    if rows:
        record["consent"]["version"] = rows[0].version or None
        add_present(record["consent"], given_at=moment(rows[0].given_at))


def _consent(row: Consent) -> dict[str, Any]:
    record: Record = {"scope": row.scope, "version": row.version or None}
    add_present(record, given_at=moment(row.given_at), withdrawn_at=moment(row.withdrawn_at))
    return record


def rater_records(study: Study) -> Iterator[Record]:
    """Who judged."""
    rows = Rater.objects.filter(study=study).order_by("ref").values_list(
        "ref", "kind", "participant__ref", "model", "n", "prompt_version", "parameters", "extra"
    )  # fmt: skip
    left_out = _exclusions(study)
    for ref, kind, person, model, n, prompt_version, parameters, extra in rows.iterator():
        record: Record = {
            "kind": "rater",
            "id": ref,
            "rater_kind": kind,
            "participant": person,
            "model": model or None,
            "n": n,
        }
        add_present(record, prompt_version=prompt_version, parameters=parameters)
        add_present(record, exclusions=left_out.get(ref))
        yield add_extra(record, extra)


def _exclusions(study: Study) -> dict[str, list[dict[str, Any]]]:
    """By rater, when and why their answers were left out of the figures."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in Exclusion.objects.filter(rater__study=study).select_related("rater"):
        told: Record = {"reason": row.reason, "at": moment(row.at)}
        add_present(told, ended_at=moment(row.ended_at))
        found[row.rater.ref].append(told)
    return found
