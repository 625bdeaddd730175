"""Sections of study documents on whom to look for and what to pay. Everybody is invented."""

from typing import Any

SURVEY: list[dict[str, Any]] = [
    {
        "key": "gender",
        "kind": "choice",
        "wording": {"en": "What is your gender?", "es": "¿Cuál es su género?"},
        "options": [
            {"value": "female", "label": {"en": "Woman"}},
            {"value": "male", "label": {"en": "Man"}},
            {"value": "other", "label": {"en": "Something else"}},
        ],
    },
    {
        "key": "speaks",
        "kind": "choices",
        "wording": {"en": "Which of these do you speak?"},
        "options": [
            {"value": "en", "label": {"en": "English"}},
            {"value": "ko", "label": {"en": "Korean"}},
        ],
    },
    {"key": "age", "kind": "number", "wording": {"en": "How old are you?"}, "min": 18, "max": 120},
    {"key": "travels", "kind": "text", "wording": {"en": "How do you travel, mostly?"}},
]
CHECK: dict[str, Any] = {
    "questions": [
        {
            "key": "stop",
            "wording": {"en": "When may you stop?"},
            "options": [
                {"value": "any", "label": {"en": "At any time"}, "correct": True},
                {"value": "end", "label": {"en": "Only at the end"}},
            ],
            "explanation": {"en": "You may stop whenever you like."},
        },
        {
            "key": "who",
            "wording": {"en": "Who reads what you share?"},
            "options": [
                {"value": "peers", "label": {"en": "Other participants"}, "correct": True},
                {"value": "nobody", "label": {"en": "Nobody"}},
            ],
        },
    ]
}
RIGHT = {"stop": "any", "who": "peers"}
WRONG = {"stop": "end", "who": "peers"}
