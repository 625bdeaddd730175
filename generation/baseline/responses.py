"""The baseline that responds: a template that repeats the request and, where given, the notes.

It has no knowledge and says so; it exists so that everything around a response can be tried
without a model.
"""

import re
from collections.abc import Mapping
from typing import Any

LONGEST_ECHO = 200
HANGUL = re.compile(r"[\uac00-\ud7a3]")
SPANISH = re.compile(r"[¿¡ñ]|\b(?:el|los|una?|qué|para|cómo|quiero|puedes|dónde)\b", re.IGNORECASE)

PLAIN = {
    "en": "This answer comes from rules, not from a model. To “{request}” it can only outline a "
    "reply: say what is known, name two or three options, and ask what is unclear.",
    "ko": "이 답변은 모델이 아니라 규칙으로 만든 것입니다. “{request}”에 대해 알려진 것을 "
    "정리하고, 두세 가지 선택지를 들고, 불분명한 점을 되묻겠습니다.",
    "es": "Esta respuesta viene de reglas, no de un modelo. A «{request}» solo puede esbozar una "
    "respuesta: decir lo que se sabe, nombrar dos o tres opciones y preguntar lo que falta.",
}
PERSONAL = {
    "en": "It would take into account: {notes}.",
    "ko": "다음을 고려하겠습니다: {notes}.",
    "es": "Tendría en cuenta: {notes}.",
}


def solve(inputs: Mapping[str, Any]) -> str:
    """A response in the request's language, as far as three are told apart."""
    request, notes = inputs["request"], inputs["notes"]
    language = language_of(request)
    sentences = [PLAIN[language].format(request=_shortened(request))]
    if notes:
        listed = "; ".join(note.rstrip(".") for note in notes)
        sentences.append(PERSONAL[language].format(notes=listed))
    return " ".join(sentences)


def language_of(text: str) -> str:
    """`ko`, `es` or `en`, by script and a few tell-tale words."""
    if HANGUL.search(text):
        return "ko"
    return "es" if SPANISH.search(text) else "en"


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_ECHO else flat[: LONGEST_ECHO - 1] + "…"
