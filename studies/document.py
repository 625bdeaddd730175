"""The study document: one YAML or JSON file, validated as a whole, faults named with lines."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic import ValidationError as PydanticError

from studies.models import ConsentScope, Study

LONGEST_DOCUMENT = 1_000_000
"""Characters of YAML or JSON."""

Text = dict[str, str]
"""A text per language."""

PLAIN = {
    "string_type": "This must be a text; a number needs quotation marks.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "float_type": "This must be a number.",
    "float_parsing": "This must be a number.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must be a mapping of keys to values.",
    "model_type": "This must be a mapping of keys to values.",
    "model_attributes_type": "This must be a mapping of keys to values.",
}
"""Pydantic's names of faults, in words for people who write YAML."""

SectionCheck = Callable[[Any, Mapping[str, Any]], list[tuple[tuple[str | int, ...], str]]]
"""(section, whole document) → [(path below the section, sentence)]."""

SectionApply = Callable[[Study, Mapping[str, Any]], None]
"""(study, whole document): write the rows that the section stands for."""

_section_checks: dict[str, SectionCheck] = {}
_section_applies: dict[str, SectionApply] = {}


def register_section(name: str, check: SectionCheck, apply: SectionApply | None = None) -> None:
    """Let a higher floor answer for a section of its own; `config` calls this at start-up."""
    _section_checks[name] = check
    if apply:
        _section_applies[name] = apply


def apply_sections(study: Study, document: Mapping[str, Any]) -> None:
    """Have every floor write what its section of a checked document stands for."""
    for name, apply in _section_applies.items():
        if name in document:
            apply(study, document)


def _each_once(scopes: list[ConsentScope]) -> list[ConsentScope]:
    if len(set(scopes)) < len(scopes):
        raise ValueError("each scope can stand here once")
    return scopes


Scopes = Annotated[list[ConsentScope], AfterValidator(_each_once)]
"""What people may be asked to allow."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class ConsentSection(BaseModel):
    """What people are asked to allow."""

    model_config = ConfigDict(extra="forbid")
    version: str = Field(max_length=40)
    text: Text
    scopes: Scopes = [ConsentScope.TAKE_PART]
    required: Scopes = [ConsentScope.TAKE_PART]


class ExternalRaters(BaseModel):
    """On what basis raters who come through a program's token take part."""

    model_config = ConfigDict(extra="forbid")
    basis: str = Field(default="external", pattern="^(platform|external|none)$")
    scopes: Scopes = [ConsentScope.TAKE_PART, ConsentScope.PUBLISH_RATINGS]


class Envelope(BaseModel):
    """The parts of the document that this floor answers for; the others answer for theirs."""

    model_config = ConfigDict(extra="forbid")
    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    title: Text
    description: Text = {}
    languages: list[Language] = Field(default=["en"], min_length=1)
    is_invented: bool = False
    consent: ConsentSection | None = None
    external_raters: ExternalRaters = ExternalRaters()
    stages: Any = None
    extraction: Any = None
    judges: Any = None
    quality: Any = None
    endpoints: Any = None
    strategies: Any = None
    automatic: Any = None
    budget: Any = None
    entry: Any = None
    survey: Any = None
    screening: Any = None
    quotas: Any = None
    comprehension: Any = None
    converse: Any = None
    donate: Any = None
    attributes: Any = None
    prompts: Any = None
    pay: Any = None
    care: Any = None


def read_document(text: str) -> dict[str, Any]:
    """The study document in a YAML or JSON text.

    Raises ValidationError with a sentence per fault, each with its line where it has one.
    """
    if len(text) > LONGEST_DOCUMENT:
        raise ValidationError(f"The document is longer than {LONGEST_DOCUMENT:,} characters.")
    # Most processes read no document as text.
    from studies.yaml_text import read_yaml

    document, lines = read_yaml(text)
    faults = document_faults(document)
    if faults:
        # Stable: faults of one line stay in the order in which they were found.
        faults.sort(key=lambda fault: _line_of(fault[0], lines) or 0)
        raise ValidationError([f"{_place(path, lines)}{fault}" for path, fault in faults])
    checked: dict[str, Any] = document
    return checked


def check_document(document: Any) -> dict[str, Any]:
    """The document as it is, or ValidationError with a sentence per fault, each with its path."""
    faults = document_faults(document)
    if faults:
        raise ValidationError([f"{_place(path, {})}{fault}" for path, fault in faults])
    checked: dict[str, Any] = document
    return checked


def document_faults(document: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Everything wrong with a document, as (path, sentence)."""
    if not isinstance(document, dict):
        return [((), "A study document is a mapping with keys such as slug, title and stages.")]
    faults = _envelope_faults(document)
    for name, check in _section_checks.items():
        if name in document:
            faults += [((name, *path), fault) for path, fault in check(document[name], document)]
    return faults


def _envelope_faults(document: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    try:
        Envelope.model_validate(document)
    except PydanticError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []


def sentence_of(fault: Mapping[str, Any]) -> str:
    """A pydantic fault in words for the author of the document."""
    if fault["type"] in PLAIN:
        return PLAIN[fault["type"]]
    if fault["type"] == "literal_error":
        return f"This must be {fault['ctx']['expected']}."
    if fault["type"] == "value_error":
        reason = str(fault["ctx"]["error"])
        return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
    if fault["type"] == "extra_forbidden":
        return f"Unknown key “{fault['loc'][-1]}”."
    if fault["type"] == "missing":
        return f"“{fault['loc'][-1]}” is missing."
    if fault["type"] == "string_pattern_mismatch":
        return f"“{fault['input']}” does not have the form {fault['ctx']['pattern']}."
    return f"{fault['msg']}."


def _line_of(path: tuple[str | int, ...], lines: Mapping[tuple[str | int, ...], int]) -> int | None:
    """The line of the part, or of the nearest one around it."""
    return next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), None)


def _place(path: tuple[str | int, ...], lines: Mapping[tuple[str | int, ...], int]) -> str:
    """`line 7, judges[0].endpoint: `, as much of it as is known."""
    line = _line_of(path, lines)
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    written = "".join(parts).lstrip(".")
    words = ", ".join(part for part in [f"line {line}" if line else "", written] if part)
    return f"{words}: " if words else ""
