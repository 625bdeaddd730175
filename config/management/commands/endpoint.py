"""Endpoints at the command line: list, add, change, and ask a tiny question."""

import json
import sys
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError
from django.db import models, transaction

from llm.actions.endpoints import ensure_endpoint
from llm.actions.health import close_circuit
from llm.actions.keys import set_key
from llm.budgets import amount
from llm.checking import Finding, check
from llm.keys import shown
from llm.models import Endpoint, EndpointHealth
from studies.command import StudyCommand

FIELDS = (
    "base_url", "model", "protocol", "structured", "key_name", "key_header", "token_limit_name",
    "price_prompt", "price_completion", "max_output_tokens", "first_byte_timeout", "idle_timeout",
    "timeout", "max_concurrency", "requests_per_minute", "tokens_per_minute", "reuse_days",
    "is_active",
)  # fmt: skip
MAPPINGS = {"extra_query": "query", "extra_params": "param"}
NOTHING = "none"
TRUTHS = {**dict.fromkeys(("yes", "true", "1"), True), **dict.fromkeys(("no", "false", "0"), False)}
REASONS_TO_ASK_AGAIN = {"base_url", "key_name", "key_header"}


class Command(StudyCommand):
    """`manage.py endpoint list|add|change|check [NAME] [--model …]`"""

    help = "Show the models that can be asked, add or change one, or ask one a tiny question."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """What to do, with which, and every field that can be set."""
        parser.add_argument("act", choices=["list", "add", "change", "check"])
        parser.add_argument("name", nargs="?", help="the endpoint's name")
        for name in FIELDS:
            field = Endpoint._meta.get_field(name)
            choices = [value for value, _label in getattr(field, "choices", None) or []]
            parser.add_argument(f"--{name.replace('_', '-')}", choices=choices or None)
        parser.add_argument("--query", action="append", metavar="NAME=TEXT")
        parser.add_argument("--param", action="append", metavar="NAME=JSON")
        parser.add_argument("--key-stdin", action="store_true", help="read its key, one line")
        parser.add_argument("--by", default="manage.py", help="who says so")

    def act(self, **options: Any) -> dict[str, Any]:
        """Do it, and show the endpoints it is about."""
        if options["act"] != "list" and not options["name"]:
            raise CommandError("Name the endpoint.")
        if options["act"] in ("add", "change"):
            self._write(options)
        rows = Endpoint.objects.all()
        chosen = list(rows.filter(name=options["name"]) if options["name"] else rows)
        if options["name"] and not chosen:
            raise CommandError(f"There is no endpoint “{options['name']}”.")
        if options["act"] == "check":
            return self._check(chosen[0], options)
        for endpoint in chosen:
            self.say(_sentence(endpoint), **options)
        return {"endpoints": [_document(endpoint) for endpoint in chosen]}

    def _write(self, options: dict[str, Any]) -> None:
        exists = Endpoint.objects.filter(name=options["name"]).exists()
        if exists != (options["act"] == "change"):
            said = "is one already" if exists else "is none"
            raise CommandError(f"There {said} named “{options['name']}”.")
        fields = {name: _value(name, options[name]) for name in FIELDS if options[name] is not None}
        for name, option in MAPPINGS.items():
            if options[option] is not None:
                fields[name] = _mapping(option, options[option])
        with transaction.atomic():
            endpoint = ensure_endpoint(name=options["name"], **fields)
            if options["key_stdin"]:
                set_key(endpoint=endpoint, key=sys.stdin.readline(), by=options["by"])
            if options["key_stdin"] or fields.keys() & REASONS_TO_ASK_AGAIN:
                _ask_again(endpoint, by=options["by"])

    def _check(self, endpoint: Endpoint, options: dict[str, Any]) -> dict[str, Any]:
        found = check(endpoint)
        if found.problem:
            raise CommandError(f"{endpoint.name}: {found.problem}")
        self.say(_told(endpoint, found), **options)
        return {
            "endpoint": endpoint.name,
            "model": found.model,
            "structured": found.structured,
            "dimensions": found.dimensions,
            "usage": "counted" if found.is_counted else "estimated",
            "cost": None if found.cost is None else amount(found.cost),
            "milliseconds": found.milliseconds,
        }


def _ask_again(endpoint: Endpoint, *, by: str) -> None:
    """Another key or address may mend what opened the circuit."""
    health = EndpointHealth.objects.filter(pk=endpoint.pk)
    if health.exclude(circuit=EndpointHealth.Circuit.CLOSED).exists():
        close_circuit(endpoint=endpoint, by=by)


def _value(name: str, text: str) -> Any:
    """What a field holds, from what was typed."""
    field: Any = Endpoint._meta.get_field(name)
    if field.null and text == NOTHING:
        return None
    if isinstance(field, models.BooleanField):
        return _truth(name, text)
    if isinstance(field, models.DecimalField | models.IntegerField):
        try:
            return Decimal(text) if isinstance(field, models.DecimalField) else int(text)
        except (ValueError, ArithmeticError):
            raise CommandError(f"--{name.replace('_', '-')}: “{text}” is no number.") from None
    return text


def _truth(name: str, text: str) -> bool:
    if text.lower() not in TRUTHS:
        raise CommandError(f"--{name.replace('_', '-')}: “{text}” is neither yes nor no.")
    return TRUTHS[text.lower()]


def _mapping(option: str, entries: list[str]) -> dict[str, Any]:
    pairs = [entry.partition("=") for entry in entries if entry]
    if option == "query":
        return {name: text for name, _sign, text in pairs}
    try:
        return {name: json.loads(text) for name, _sign, text in pairs}
    except ValueError:
        raise CommandError("--param takes NAME=JSON, such as top_p=0.9.") from None


def _sentence(endpoint: Endpoint) -> str:
    state = "" if endpoint.is_active else "; not in use"
    where = endpoint.base_url or "this process"
    return f"{endpoint.name}: {endpoint.model} at {where}, {endpoint.protocol}{state}."


def _told(endpoint: Endpoint, found: Finding) -> str:
    what = f"vectors of {found.dimensions} numbers" if found.dimensions else found.structured
    counted = "counts tokens" if found.is_counted else "does not count tokens"
    cost = "at no known price" if found.cost is None else f"for {amount(found.cost)}"
    return (
        f"{endpoint.name} answers as {found.model} with {what}, {counted}, in "
        f"{found.milliseconds} ms, {cost}."
    )


def _document(endpoint: Endpoint) -> dict[str, Any]:
    """Everything but the key, of which only the end is shown."""
    values = {name: getattr(endpoint, name) for name in (*FIELDS, *MAPPINGS)}
    plain = {name: str(v) if isinstance(v, Decimal) else v for name, v in values.items()}
    return {"id": str(endpoint.pk), "name": endpoint.name, **plain, "key": shown(endpoint)}
