"""Which key on the keyboard picks which option of a form."""

from collections.abc import Iterator, Sequence

from annotation.rubrics.document import Question

RESERVED = frozenset("befpsu?")
"""Left to the page (back, evidence, flag, pause, skip, undo, help) unless a rubric takes them."""
DIGITS = "123456789"
LETTERS = "".join(letter for letter in "qwertyuiopasdfghjklzxcvbnm" if letter not in RESERVED)


def keyboard_keys(questions: Sequence[Question]) -> dict[str, dict[str, str]]:
    """For each question's key: option value → keyboard key; no key stands for two things.

    A rubric's own keys come first, in the order of the questions. A question without any gets a
    run of digits if enough are left, else letters in the order of the keyboard; what is left
    without a key is picked with Tab and the arrows. A question asked per response or attribute has
    one set of keys for all of them: they act on the one that is active.
    """
    taken: set[str] = set()
    keys = {question.key: _own_keys(question, taken) for question in questions}
    for question in questions:
        if not keys[question.key]:
            keys[question.key] = dict(_free_keys(question, taken))
    return keys


def option_values(question: Question) -> list[str]:
    """What a form offers, in order; a boolean is yes and no."""
    if question.options:
        return [option.value for option in question.options]
    return ["true", "false"] if question.kind == "boolean" else []


def _own_keys(question: Question, taken: set[str]) -> dict[str, str]:
    own: dict[str, str] = {}
    for option in question.options:
        if option.key and option.key not in taken:
            own[option.value] = option.key
            taken.add(option.key)
    return own


def _free_keys(question: Question, taken: set[str]) -> Iterator[tuple[str, str]]:
    values = option_values(question)
    digits = [key for key in DIGITS if key not in taken]
    letters = [key for key in LETTERS if key not in taken]
    pool = digits if len(values) <= len(digits) else letters
    for value, key in zip(values, pool, strict=False):
        taken.add(key)
        yield value, key
