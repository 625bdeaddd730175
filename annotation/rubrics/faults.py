"""What can be wrong with a rubric although each of its parts has the right shape."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from annotation.rubrics.document import Option, Path, Question, Rubric
from annotation.rubrics.sides import mirrors

Fault = tuple[Path, str]

SCALES: dict[str, tuple[str | None, ...]] = {
    "boolean": ("nominal",),
    "choice": ("nominal",),
    "ordinal": ("ordinal", "interval"),
    "slider": ("interval", "ordinal"),
    "pairwise": ("nominal", "ordinal", "interval"),
    "spans": (None,),
    "text": (None,),
    "list": (None,),
}
"""The scales of measurement that each kind of question may have."""

WITH_OPTIONS = frozenset({"choice", "ordinal", "pairwise"})
MIN_STEP = 1e-6
MAX_STEPS = 10_000
"""Places a slider may have: more cannot be told apart on a screen."""


def faults_of(rubric: Rubric) -> list[Fault]:
    """Every fault with the path it stands at; empty if the rubric can be used."""
    faults: list[Fault] = list(_repeated_keys(rubric))
    for index, question in enumerate(rubric.questions):
        here: Path = ("questions", index)
        for check in QUESTION_CHECKS:
            faults += [((*here, *path), reason) for path, reason in check(question)]
        earlier = rubric.questions[:index]
        faults += [((*here, *path), reason) for path, reason in _order_faults(question, earlier)]
    return faults


def _repeated(values: Iterable[object]) -> Iterator[tuple[int, object]]:
    """Position and value of each value that stood before."""
    seen: set[object] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index, value
        seen.add(value)


def _repeated_keys(rubric: Rubric) -> Iterator[Fault]:
    for index, key in _repeated(question.key for question in rubric.questions):
        yield ("questions", index, "key"), f'"{key}" is the key of an earlier question too'


def _scale_faults(question: Question) -> Iterator[Fault]:
    allowed = SCALES[question.kind]
    if question.scale in allowed:
        return
    if allowed == (None,):
        yield ("scale",), f"a question of kind {question.kind} has none"
    else:
        names = " or ".join(str(scale) for scale in allowed)
        yield ("scale",), f"a question of kind {question.kind} needs {names}"


def _option_faults(question: Question) -> Iterator[Fault]:
    if question.kind in WITH_OPTIONS:
        if len(question.on_scale) < 2:
            yield ("options",), "at least two that are not off_scale are needed"
    elif question.kind == "boolean":
        yield from _boolean_option_faults(question)
    elif question.options:
        yield ("options",), f"a question of kind {question.kind} has none"
    for index, value in _repeated(option.value for option in question.options):
        yield ("options", index, "value"), f'"{value}" is the value of an earlier option too'


def _boolean_option_faults(question: Question) -> Iterator[Fault]:
    values = sorted(option.value for option in question.options)
    if values and values != ["false", "true"]:
        yield ("options",), 'a boolean\'s are "true" and "false", to give them labels, or none'
    if any(option.off_scale for option in question.options):
        yield ("options",), "a boolean has none off_scale: make it a choice"
    if any(option.positive and option.value == "false" for option in question.options):
        yield ("options",), "a boolean's positive is true: turn the wording round"


def _mark_faults(question: Question) -> Iterator[Fault]:
    for index, option in enumerate(question.options):
        if option.positive and option.off_scale:
            yield ("options", index, "positive"), "an option that is off_scale cannot be positive"
        if question.kind != "pairwise" and (option.favours or option.strength):
            yield ("options", index, "favours"), "only an option of a pairwise question has one"


def _keyboard_faults(question: Question) -> Iterator[Fault]:
    given = [(index, option.key) for index, option in enumerate(question.options) if option.key]
    for position, key in _repeated(key for _, key in given):
        yield ("options", given[position][0], "key"), f'"{key}" picks an earlier option too'


def _pairwise_faults(question: Question) -> Iterator[Fault]:
    if question.kind != "pairwise":
        return
    if question.per == "response":
        yield ("per",), "a pairwise question compares responses, so it is per item or attribute"
    faults = [*_favour_faults(question), *_symmetry_faults(question.on_scale)]
    yield from faults
    if not faults and question.scale != "nominal":
        yield from _side_order_faults(question)


def _favour_faults(question: Question) -> Iterator[Fault]:
    for index, option in enumerate(question.options):
        path = ("options", index, "favours")
        if option.off_scale and option.favours:
            yield path, "an option that is off_scale favours no side"
        if not option.off_scale and option.favours is None:
            yield path, "is missing: first, second or none"
        if option.favours not in ("first", "second") and option.strength is not None:
            yield ("options", index, "strength"), "only an option for a side has one"


def _symmetry_faults(options: Sequence[Option]) -> Iterator[Fault]:
    first = [option.strength for option in options if option.favours == "first"]
    second = [option.strength for option in options if option.favours == "second"]
    if not first or len(first) != len(second):
        counts = f"{len(first)} favour the first side and {len(second)} the second"
        yield ("options",), f"{counts}: there must be as many of each, and at least one"
    elif set(first + second) == {None}:
        return
    elif None in first + second:
        yield ("options",), "give a strength to every option that favours a side, or to none"
    elif Counter(first) != Counter(second) or len(set(first)) != len(first):
        yield (
            ("options",),
            "each strength needs one option for the first side and one for the second",
        )


def _side_order_faults(question: Question) -> Iterator[Fault]:
    mirror = mirrors(question)
    values = [option.value for option in question.on_scale]
    if [mirror[value] for value in values] != values[::-1]:
        yield ("options",), "list them from one side to the other, mirror images at equal distance"


def _slider_faults(question: Question) -> Iterator[Fault]:
    low, high, step = question.min, question.max, question.step
    if question.kind != "slider":
        for name in ("min", "max", "step"):
            if getattr(question, name) is not None:
                yield (name,), f"a question of kind {question.kind} has none"
    elif low is None or high is None or step is None:
        for name in ("min", "max", "step"):
            if getattr(question, name) is None:
                yield (name,), "is missing: a slider needs min, max and step"
    else:
        yield from _grid_faults(low, high, step)


def _grid_faults(low: float, high: float, step: float) -> Iterator[Fault]:
    if low >= high:
        yield ("max",), "must be greater than min"
    elif step < MIN_STEP:
        yield ("step",), f"must be greater than 0, at least {MIN_STEP:f}"
    else:
        # Decimal of the written number: 3 / 0.1 is not whole in binary fractions.
        steps = (Decimal(str(high)) - Decimal(str(low))) / Decimal(str(step))
        if steps != int(steps):
            yield ("step",), "must divide the way from min to max into equal steps"
        elif steps > MAX_STEPS:
            yield ("step",), f"makes more than {MAX_STEPS} steps"


def _limit_faults(question: Question) -> Iterator[Fault]:
    if question.max_length is not None and question.kind not in ("text", "list"):
        yield ("max_length",), f"a question of kind {question.kind} has none"
    if question.max_items is not None and question.kind not in ("spans", "list"):
        yield ("max_items",), f"a question of kind {question.kind} has none"


def _order_faults(question: Question, earlier: Sequence[Question]) -> Iterator[Fault]:
    if question.locked and any(not other.locked for other in earlier):
        yield ("locked",), "a locked question must stand before those that are not"
    by_key = {other.key: other for other in earlier}
    for key, values in question.asked_if.items():
        base = by_key.get(key)
        if base is None:
            yield ("asked_if", key), "names no earlier question"
        else:
            for reason in _condition_reasons(question, base, values):
                yield ("asked_if", key), reason


def _condition_reasons(
    question: Question, base: Question, values: Sequence[bool | str]
) -> Iterator[str]:
    if base.per not in ("item", question.per):
        yield f"is asked per {base.per}, this question per {question.per}"
    known: set[tuple[type, object]] = {(str, option.value) for option in base.options}
    if base.kind == "boolean":
        known = {(bool, True), (bool, False)}
    if not known:
        yield f"a question of kind {base.kind} cannot be a condition"
    for value in values:
        if known and (type(value), value) not in known:
            yield f"{value!r} is not among its values"
    if base.kind == "pairwise" and not _both_sides(base, values):
        yield "must name the mirror image of each value too, since the sides are drawn by lot"


def _both_sides(base: Question, values: Sequence[bool | str]) -> bool:
    if [*_favour_faults(base), *_symmetry_faults(base.on_scale)]:
        return True  # the question itself is refused; nothing can be said about its conditions
    mirror = mirrors(base)
    return {mirror.get(str(value), str(value)) for value in values} == set(values)


QUESTION_CHECKS: tuple[Callable[[Question], Iterator[Fault]], ...] = (
    _scale_faults,
    _option_faults,
    _mark_faults,
    _keyboard_faults,
    _pairwise_faults,
    _slider_faults,
    _limit_faults,
)
