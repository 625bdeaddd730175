"""The sum that the honest model is asked for, as by `manage.py endpoint check`."""

import re
from typing import Any

from bench.fakellm.material import Request

SUM = re.compile(r"\bWhat is (\d{1,9}) \+ (\d{1,9})\?")


def sum_in(request: Request) -> dict[str, Any]:
    """The typed answer to a question for a sum; empty where none, or only words, are asked for."""
    asked = str(request["messages"][-1]["content"])
    found = SUM.search(asked)
    is_typed = "response_format" in request or "JSON schema" in asked
    return {"sum": int(found[1]) + int(found[2])} if found and is_typed else {}
