"""Machine work of a study for the tests of pages, written straight into the tables."""

import hashlib
from typing import Any

from studies.models import Study
from work.models import Job, Run


def make_job(study: Study, kind: str, run: Run | None = None, **fields: Any) -> Job:
    """A job of the study."""
    key = hashlib.sha256(str(Job.objects.count()).encode()).hexdigest()
    return Job.objects.create(
        scope=study.scope, kind=kind, run=run, idem_key=key, input_digest=key, **fields
    )


def make_run(study: Study, *states: str, **fields: Any) -> Run:
    """A run with a job in each of these states."""
    fields = {"kind": "extraction", "title": "extraction by m", **fields}
    run = Run.objects.create(scope=study.scope, **fields)
    for state in states:
        make_job(study, run.kind, run, state=state)
    return run
