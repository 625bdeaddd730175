"""Runs and their jobs in plain words."""

from decimal import Decimal

from django import template

from generation import watching
from generation.watching import Watch
from web import held, runs_page
from web.runs_page import STANDINGS
from work.models import Job
from work.queries import CANCELLED, FINISHED, RUNNING

register = template.Library()

MOVING_SECONDS = 2
WAITING_SECONDS = 15

register.filter("lasting", watching.lasting)
register.filter("as_reason", held.as_reason)


@register.filter
def money(value: Decimal) -> str:
    """A sum with as many decimals as it needs."""
    return runs_page.money(value)


@register.filter
def unlocalized(value: float) -> str:
    """A share as an attribute holds it."""
    return f"{value:.4f}"


@register.filter
def standing_title(seen: Watch) -> str:
    """How a run stands, as a sentence begins."""
    title = str(STANDINGS[seen.standing])
    return title[:1].upper() + title[1:]


@register.filter
def asks_every(seen: Watch) -> int:
    """Seconds after which the page asks again; 0: it need not.

    Often while something happens or workers complete what they have, and now and then while the
    run waits for somebody, who may let it go elsewhere.
    """
    if seen.standing in (CANCELLED, FINISHED):
        return 0
    moves = seen.standing == RUNNING or seen.progress.leased
    return MOVING_SECONDS if moves else WAITING_SECONDS


@register.filter
def about(job: Job) -> list[tuple[str, str]]:
    """What a job is about: ids and choices, never text of a person."""
    return [
        (name.replace("_", " "), str(value))
        for name, value in job.payload.items()
        if isinstance(value, str | int) and name != "endpoint"
    ]


@register.filter
def shortened(name: object) -> str:
    """The end of an id: ids that were given out one after the other begin alike."""
    text = str(name)
    return f"…{text[-8:]}" if len(text) == 36 else text
