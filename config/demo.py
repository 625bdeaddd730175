"""The studies that ship with the site, so that everything can be tried at once."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from annotation.actions.tasks import open_all_tasks
from generation.actions.runs import plan_run
from llm.actions.endpoints import baseline_endpoint
from releases.actions.importing import import_bundle
from studies.actions.members import add_member
from studies.actions.studies import load_study
from studies.actions.tokens import create_token, ensure_administrator
from studies.document import read_document
from studies.models import ApiToken, Membership, Study, User
from work.draining import Drain

SLUG = "demo"
OWN_WORDS = "own-words"
RECIPES = settings.BASE_DIR / "recipes"
ADMIN = "admin"


def prepare() -> dict[str, str]:
    """See that both studies and their administrator are there; what the READY line tells.

    In `demo` one judges invented people; in `own-words` one talks and judges what is noted about
    oneself.

    Costs a few queries when they are. The password and the token are kept readable, for this
    machine's user only, in `DATA_DIR/demo.json`: they open a site that runs for trying out.
    """
    known = _known()
    user = _administrator(known)
    if not Study.objects.filter(slug=SLUG).exists():
        _load(user)
    if not Study.objects.filter(slug=OWN_WORDS).exists():
        _study(OWN_WORDS, user)
    _token(known, user)
    _keep(known)
    return {
        "url": settings.SITE_URL,
        "admin_user": ADMIN,
        "admin_password": known["admin_password"],
        "api_token": known["api_token"],
        "study": SLUG,
    }


def _path() -> Path:
    return Path(settings.DATA_DIR) / "demo.json"


def _known() -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(_path().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known


def _keep(known: dict[str, str]) -> None:
    _path().touch(mode=0o600)
    os.chmod(_path(), 0o600)
    _path().write_text(json.dumps(known))


def _administrator(known: dict[str, str]) -> User:
    user = User.objects.filter(username=ADMIN).first()
    if user is None or "admin_password" not in known:
        known["admin_password"] = secrets.token_urlsafe(12)
        user = ensure_administrator(username=ADMIN, password=known["admin_password"])
    return user


def _token(known: dict[str, str], user: User) -> None:
    kept = known.get("api_token", "")
    if not kept or not ApiToken.objects.filter(user=user, name="demo").exists():
        known["api_token"] = create_token(user=user, study=None, scope="manage", name="demo")


def _load(user: User) -> None:
    with transaction.atomic():
        study = _study(SLUG, user)
        with (RECIPES / SLUG / "people.jsonl").open("rb") as lines:
            import_bundle(study=study, chunks=lines, name="people.jsonl")
    _generate(study)


@transaction.atomic
def _study(slug: str, user: User) -> Study:
    document = read_document((RECIPES / slug / "study.yaml").read_text(encoding="utf-8"))
    study = load_study(document=document, by=None)
    add_member(study=study, user=user, role=Membership.Role.OWNER, by=None)
    return study


def _generate(study: Study) -> dict[str, Any]:
    """Let the offline baseline propose, so that there is something to judge at every stage."""
    for stage in ("extraction", "relevance", "response"):
        plan_run(study=study, stage=stage, endpoint=baseline_endpoint(), by=ADMIN)
        Drain(role="demo").run(threads=1)
    return open_all_tasks(study=study)
