"""The steps of an erasure, in order; each may be done again, and the whole begun anew anywhere.

The ledger comes first, so that a backup restored at any moment later is told of it. Releases come
before rows, as the rows' refs say what a release held. The person's own row comes last.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from collection.unshared.models import Donation
from releases.actions import erasing
from releases.actions.releasing import JOB_KIND as RELEASE
from releases.actions.releasing import drafts_of, remove_files, withdraw_release
from releases.erasure import ledger
from releases.erasure.rules import DELETED
from releases.held_rows import refs_of, stones_for
from releases.models import Erasure, Release
from releases.subjects import ids_about
from releases.tombstones import earlier_stones
from studies.models import Participant
from work.errors import RetryLater
from work.models import Job

ENTERED = "participants"
"""In a session: the ids of the participants that the browser entered as."""
WAIT_SECONDS = 5.0

KeepAlive = Callable[[], None]


@dataclass(frozen=True)
class Course:
    """An erasure under way; `keep_alive` is called between parts and raises when it must end."""

    erasure: Erasure
    person: Participant
    keep_alive: KeepAlive


Step = Callable[[Course], None]


def run(erasure: Erasure, keep_alive: KeepAlive) -> None:
    """All steps, unless nobody is there any more; then only what may be left in machines."""
    subject = erasure.subject
    if subject is None:
        return
    person = Participant.objects.filter(pk=subject).select_related("study", "user").first()
    if person is not None:
        for step in STEPS:
            keep_alive()
            step(Course(erasure, person, keep_alive))
    keep_alive()
    erasing.forget_machine_work(erasure=erasure, subject=subject)
    clean_database()


def write_ledger(course: Course) -> None:
    """On disk outside the database before anything goes."""
    erasure = course.erasure
    ledger.write_down(person=course.person.pk, receipt=erasure.receipt, at=erasure.requested_at)


def withdraw_releases(course: Course) -> None:
    """Releases that hold rows of the person are withdrawn; what they held is told."""
    refs = refs_of(course.person.pk)
    published = (Release.State.PUBLISHED, Release.State.WITHDRAWN)
    releases = Release.objects.select_related("study").filter(study=course.person.study_id)
    for release in releases.filter(state__in=published).order_by("version"):
        course.keep_alive()
        stones = stones_for(release, refs)
        if stones:
            withdraw_release(release=release, stones=stones | earlier_stones(release))
        if stones or release.state == Release.State.WITHDRAWN:
            remove_files(release)


def remove_drafts(course: Course) -> None:
    """What attempts at building releases left behind; one at work is waited for: it gives up."""
    for release in Release.objects.select_related("study").filter(study=course.person.study_id):
        if not drafts_of(release):
            continue
        if release.state == Release.State.PLANNED and _is_being_built(release):
            raise RetryLater("A release is being built.", after_seconds=WAIT_SECONDS, counts=False)
        for folder in drafts_of(release):
            shutil.rmtree(folder, ignore_errors=True)


def _is_being_built(release: Release) -> bool:
    return Job.objects.filter(
        kind=RELEASE, payload__release=str(release.pk), state=Job.State.LEASED
    ).exists()


def empty_failures(course: Course) -> None:
    """What failed releases say of themselves."""
    erasing.empty_failures(study=course.person.study)


def delete_donated_files(course: Course) -> None:
    """Files that were not chosen from yet; their rows, which name them, go later."""
    for donation in Donation.objects.filter(participant=course.person):
        place = settings.DONATIONS_DIR / str(donation.pk)
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def delete_rows(course: Course) -> None:
    """Table by table, what is theirs or about them, except their own row."""
    for label in DELETED[:-1]:
        for _part in erasing.delete_rows(
            erasure=course.erasure, label=label, ids=ids_about(label, course.person.pk)
        ):
            course.keep_alive()
        if label == "annotation.Assignment":
            erasing.free_places(erasure=course.erasure, participant=course.person)
    erasing.delete_empty_tasks(erasure=course.erasure, study=course.person.study)


def forget_machine_work(course: Course) -> None:
    """Jobs about them, and what their calls said."""
    erasing.forget_machine_work(erasure=course.erasure, subject=course.person.pk)


def detach_payments(course: Course) -> None:
    """What was paid names nobody."""
    erasing.detach_payments(erasure=course.erasure, subject=course.person.pk)


def forget_sessions(course: Course) -> None:
    """No browser comes back as them."""
    erasing.forget_sessions(subject=course.person.pk, entered=ENTERED)


def delete_person(course: Course) -> None:
    """The row that all of it hung on, and an account that was used for nothing else."""
    erasing.delete_person(erasure=course.erasure, participant=course.person)


STEPS: tuple[Step, ...] = (
    write_ledger,
    withdraw_releases,
    remove_drafts,
    empty_failures,
    delete_donated_files,
    delete_rows,
    forget_machine_work,
    detach_payments,
    forget_sessions,
    delete_person,
)


def clean_database() -> None:
    """SQLite's journal keeps pages as they were until it is emptied; others need nothing here."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
