"""Which key on the keyboard picks which option of a form."""

from collections.abc import Collection, Iterator, Sequence

from annotation.rubrics.document import Question

CONTROLS = {
    "help": "?",
    "back": "b",
    "evidence": "e",
    "flag": "f",
    "pause": "p",
    "skip": "s",
    "undo": "u",
    "mark": "m",
    "mark_too": "n",
    "guide": "h",
    "earlier": "l",
}
"""What a page does beside the answers, and the key it has unless a rubric takes that."""
RESERVED = frozenset(CONTROLS.values())
DIGITS = "123456789"
KEYBOARD = "qwertyuiopasdfghjklzxcvbnm"
LETTERS = "".join(letter for letter in KEYBOARD if letter not in RESERVED)
SPARE = KEYBOARD + "1234567890" + ",.;'[]-=/" + '!@#$%^&*()_+{}:<>\\|~`?"'
"""Where a control looks for a key when a rubric took its own."""


def keyboard_keys(questions: Sequence[Question]) -> dict[str, dict[str, str]]:
    """For each question's key: option value → keyboard key; no key stands for two things.

    A rubric's own keys come first, in the order of the questions. A question without any gets a
    run of digits if enough are left, else letters in the order of the keyboard; what is left
    without a key is picked with Tab and the arrows. Capitals are the same keys as small letters.
    A question asked per response or attribute has one set of keys for all of them: they act on
    the one that is active.
    """
    taken: set[str] = set()
    keys = {question.key: _own_keys(question, taken) for question in questions}
    for question in questions:
        if not keys[question.key]:
            keys[question.key] = dict(_free_keys(question, taken))
    return keys


def control_keys(taken: Collection[str]) -> dict[str, str]:
    """What a page does beside the answers → its key, none of them among those of the answers."""
    used = set(taken)
    keys: dict[str, str] = {}
    for name, wanted in CONTROLS.items():
        reserved = RESERVED - {wanted}
        free = (key for key in (wanted, *SPARE) if key not in used | reserved)
        if key := next(free, ""):
            keys[name] = key
            used.add(key)
    return keys


def option_values(question: Question) -> list[str]:
    """What a form offers, in order; a boolean is yes and no."""
    if question.options:
        return [option.value for option in question.options]
    return ["true", "false"] if question.kind == "boolean" else []


def _own_keys(question: Question, taken: set[str]) -> dict[str, str]:
    own: dict[str, str] = {}
    for option in question.options:
        key = (option.key or "").lower()
        if key and key not in taken:
            own[option.value] = key
            taken.add(key)
    return own


def _free_keys(question: Question, taken: set[str]) -> Iterator[tuple[str, str]]:
    values = option_values(question)
    digits = [key for key in DIGITS if key not in taken]
    letters = [key for key in LETTERS if key not in taken]
    pool = digits if len(values) <= len(digits) else letters
    for value, key in zip(values, pool, strict=False):
        taken.add(key)
        yield value, key
