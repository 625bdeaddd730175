"""What a rubric is: questions with options, wordings and conditions, as a study writes them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)
from pydantic import ValidationError as ShapeError

Role = Literal["owner", "peer", "expert", "llm"]
Kind = Literal["boolean", "choice", "ordinal", "slider", "pairwise", "spans", "text", "list"]
Scale = Literal["nominal", "ordinal", "interval"]
Per = Literal["item", "response", "attribute"]
Side = Literal["first", "second", "none"]
Path = tuple[str | int, ...]

MAX_TEXT = 10_000
"""Code points of one text answer where the rubric sets no `max_length`."""
MAX_ENTRY = 1_000
"""Code points of one entry of a list where the rubric sets no `max_length`."""
MAX_ITEMS = 100
"""Entries of a list, or spans, where the rubric sets no `max_items`."""


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds a NUL character, which cannot be stored")
    return text


def _bool_or_text(value: object) -> object:
    if not isinstance(value, bool | str):
        raise ValueError("should be true, false, or an option's value in quotation marks")
    return value


Text = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=4_000, pattern=r"\S"),
    AfterValidator(_without_nul),
]
Value = Annotated[
    str,
    StringConstraints(strict=True, max_length=100, pattern=r"^\S(.*\S)?$"),
    AfterValidator(_without_nul),
]
Key = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Language = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]
Condition = Annotated[bool | str, BeforeValidator(_bool_or_text)]
Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
Translations = Annotated[dict[Language, Text], Field(min_length=1)]
Wording = Annotated[dict[Role, Translations], Field(min_length=1)]


def in_language(texts: Mapping[str, str], language: str, first_language: str = "") -> str:
    """The text in a language, else its base (ko for ko-KR), else the study's first, else any."""
    for wanted in (language, language.split("-")[0], first_language):
        if wanted in texts:
            return texts[wanted]
    return next(iter(texts.values()))


class Part(BaseModel):
    """Anything in a rubric: unchangeable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Option(Part):
    """One thing a rater may answer; `value` is what is stored."""

    value: Value
    label: Translations
    favours: Side | None = None
    """In a pairwise question: the side this option is for, in the item's own order."""
    strength: Count | None = None
    """In a pairwise question: how much it favours the side, to find its mirror image."""
    positive: Flag = False
    off_scale: Flag = False
    key: Annotated[str, StringConstraints(strict=True, pattern=r"^[!-~]$")] | None = None
    """The key on the keyboard that picks it, one printable ASCII character."""

    def labelled(self, language: str, first_language: str = "") -> str:
        return in_language(self.label, language, first_language)


class Question(Part):
    """One thing that is asked, of an item or of each response or attribute of it.

    `scale` decides the statistic and is null only for spans, text and list. `asked_if` maps an
    earlier question's key to the answers under which this one is asked; all of them must hold.
    """

    key: Key
    kind: Kind
    scale: Scale | None = None
    per: Per = "item"
    required: Flag = True
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] | None = None
    """Asked of these roles only; null asks everyone."""
    options: Annotated[tuple[Option, ...], Field(max_length=100)] = ()
    wording: Wording
    hint: Wording | None = None
    min: Number | None = None
    max: Number | None = None
    step: Number | None = None
    asked_if: dict[Key, Annotated[tuple[Condition, ...], Field(min_length=1)]] = {}
    locked: Flag = False
    """Asked, and its answer fixed, before any question that is not locked is shown."""
    max_length: Count | None = None
    max_items: Count | None = None

    @property
    def on_scale(self) -> tuple[Option, ...]:
        return tuple(option for option in self.options if not option.off_scale)

    def is_asked_of(self, role: str) -> bool:
        return self.roles is None or role in self.roles

    def worded(self, role: str, language: str, first_language: str = "") -> str:
        """The question as put to a role: its own wording, else a peer's, else any."""
        return _worded(self.wording, role, language, first_language)

    def hinted(self, role: str, language: str, first_language: str = "") -> str:
        """The hint below the question, or an empty text."""
        return _worded(self.hint, role, language, first_language) if self.hint else ""


class Rubric(Part):
    """A version of all that is asked at a stage; `parse_rubric` makes and checks it."""

    version: Count
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=100)]

    def question(self, key: str) -> Question:
        """The question of this key; KeyError if there is none."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)

    @property
    def steps(self) -> tuple[tuple[str, ...], ...]:
        """Keys of the questions shown together, in order: the locked ones, then all others."""
        locked = tuple(question.key for question in self.questions if question.locked)
        later = tuple(question.key for question in self.questions if not question.locked)
        return tuple(step for step in (locked, later) if step)


def parse_rubric(data: object) -> Rubric:
    """The rubric that a study document holds under `rubric`.

    Raises ValidationError with one message "path: reason" per fault; each member error has the
    path as a tuple in `params["path"]`, so that a caller can find the line it stands on.
    """
    # Here and not above: the faults are about the classes of this module.
    from annotation.rubrics.faults import faults_of

    try:
        rubric = Rubric.model_validate(data)
    except ShapeError as error:
        parts = [part for part in error.errors() if not _is_consequence(part)]
        faults = [(_path(part["loc"]), _reason(part)) for part in parts]
        raise ValidationError([_fault(path, reason) for path, reason in faults]) from None
    if faults := faults_of(rubric):
        raise ValidationError([_fault(path, reason) for path, reason in faults])
    return rubric


def _worded(
    wording: dict[Role, dict[str, str]], role: str, language: str, first_language: str
) -> str:
    texts: dict[str, dict[str, str]] = {str(each): said for each, said in wording.items()}
    found = texts.get(role) or texts.get("peer") or next(iter(texts.values()))
    return in_language(found, language, first_language)


def written(path: Path) -> str:
    """A path as people write it: `questions[2].options[0].value`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).lstrip(".") or "rubric"


def _fault(path: Path, reason: str) -> ValidationError:
    # The reason goes in as a parameter: it may hold a percent sign, which Django would expand.
    sentence = f"{written(path)}: {reason}"
    return ValidationError("%(fault)s", code="rubric", params={"fault": sentence, "path": path})


def _path(location: Path) -> Path:
    """Pydantic's location without its mark for "the key itself"."""
    return tuple(part for part in location if part != "[key]")


def _reason(part: Any) -> str:
    expected = part["ctx"]["expected"] if "expected" in part.get("ctx", {}) else ""
    reasons = {
        "extra_forbidden": "is not a known key",
        "missing": "is missing",
        "string_type": "should be a text; a number or yes/no needs quotation marks",
        "literal_error": f"should be {expected}",
        "bool_type": "should be true or false",
        "int_type": "should be a whole number",
        "float_type": "should be a number",
        "tuple_type": "should be a list",
        "model_type": "should be a mapping of keys to values",
        "dict_type": "should be a mapping of keys to values",
    }
    return reasons.get(part["type"]) or str(part["msg"]).removeprefix("Value error, ")


def _is_consequence(part: Any) -> bool:
    """Whether a list counts as too short only because its entries were refused."""
    return part["type"] == "too_short" and bool(part["input"])
