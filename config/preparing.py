"""Preparing the data in a process of its own, before the site answers: what it loads goes with it.

It is given the number of a pipe and writes what came of it there, as JSON: `facts`, which are for
the READY line, or a `refusal`, a sentence for whoever starts the site.
"""

import json
import os
import sys
from typing import Any

import django


def main(arguments: list[str]) -> None:
    """Prepare, and tell the pipe of that number."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    with open(int(arguments[0]), "w", encoding="utf-8") as pipe:
        json.dump(outcome(), pipe)


def outcome() -> dict[str, Any]:
    """Facts, or why there are none."""
    # Both reach into packages whose models can be imported only now that Django is set up.
    from django.db import OperationalError

    from config import demo, preparation

    try:
        preparation.prepare()
        return {"facts": demo.prepare()}
    except preparation.NotPrepared as refusal:
        return {"refusal": str(refusal)}
    except OperationalError as error:
        return {"refusal": f"The database can't be used: {error}"}


if __name__ == "__main__":
    main(sys.argv[1:])
