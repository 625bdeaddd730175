"""A worker in a process of its own, for tests that kill it.

Its one kind of job, `ask`, puts a question to the endpoint named `fake`. Run it plain,
`python -m tests.work.crew`, or behind the doorbell, `celery -A tests.work.crew worker`.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from config.celery import app  # noqa: E402
from llm import ledger  # noqa: E402
from llm.exchange import Prompt  # noqa: E402
from llm.gateway import ask  # noqa: E402
from llm.models import Endpoint  # noqa: E402
from work import queue, registry  # noqa: E402
from work.claims import Claim  # noqa: E402
from work.draining import Drain  # noqa: E402
from work.stopping import stop_on_signals  # noqa: E402

__all__ = ["app"]


def ask_fake(claim: Claim) -> None:
    """Ask, and finish with the call's id."""
    prompt = Prompt("response", [{"role": "user", "content": f"Question {claim.payload['n']}"}])
    answer = ask(
        endpoint=Endpoint.objects.get(name="fake"),
        prompt=prompt,
        schema=None,
        claim=claim,
        scope=claim.scope,
        subject=None,
    )
    with queue.finishing(claim, "ok", {"call": str(answer.call_id)}):
        pass


registry.register("ask", ask_fake)
registry.on_claim(ledger.on_claim)
registry.on_late(ledger.on_late)

if __name__ == "__main__":
    with stop_on_signals() as stop:
        Drain(stays=True, stop=stop).run()
