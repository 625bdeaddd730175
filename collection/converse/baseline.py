"""The baseline that converses: it says that it is none, repeats what was said, and asks on.

It exists so that a conversation can be tried without a model; it knows nothing.
"""

from collections.abc import Mapping
from typing import Any

LONGEST_ECHO = 120

HONEST = {
    "en": "This reply comes from rules, not from a model. You wrote: “{said}”",
    "ko": "이 답변은 모델이 아니라 규칙으로 만든 것입니다. 이렇게 쓰셨습니다: “{said}”",
    "ja": "この返事はモデルではなく規則で作られています。あなたの言葉：「{said}」",
    "zh": "这条回复由规则生成，并非来自模型。您写道：“{said}”",
    "es": "Esta respuesta viene de reglas, no de un modelo. Usted escribió: «{said}»",
}
QUESTIONS = {
    "en": [
        "What matters most to you about it?",
        "What have you tried so far?",
        "What would a good answer look like?",
    ],
    "ko": [
        "그중 무엇이 가장 중요한가요?",
        "지금까지 무엇을 해 보셨나요?",
        "어떤 답이 좋은 답일까요?",
    ],
    "ja": [
        "その中で何が一番大切ですか？",
        "これまでに何を試しましたか？",
        "どんな答えなら役に立ちますか？",
    ],
    "zh": ["其中对您最重要的是什么？", "到目前为止您试过什么？", "怎样的回答才算好？"],
    "es": [
        "¿Qué es lo que más le importa de ello?",
        "¿Qué ha probado hasta ahora?",
        "¿Cómo sería una buena respuesta?",
    ],
}


def solve(inputs: Mapping[str, Any]) -> str:
    """A reply in the language of the conversation, if it is one of five; else in English."""
    language = str(inputs["language"]).split("-")[0]
    language = language if language in HONEST else "en"
    questions = QUESTIONS[language]
    asked = questions[int(inputs["number"]) % len(questions)]
    return f"{HONEST[language].format(said=_shortened(inputs['request']))} {asked}"


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_ECHO else flat[: LONGEST_ECHO - 1] + "…"
