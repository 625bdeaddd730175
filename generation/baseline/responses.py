"""The baseline that responds: a template that repeats the request and, where given, the rest.

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
NOTES = {
    "en": "It would take into account: {notes}.",
    "ko": "다음을 고려하겠습니다: {notes}.",
    "es": "Tendría en cuenta: {notes}.",
}
TURNS = {
    "en": "It would look back at what was said before, such as “{turn}”.",
    "ko": "“{turn}”와 같이 이전에 나눈 말을 돌아보겠습니다.",
    "es": "Miraría lo que se dijo antes, como «{turn}».",
}
SUMMARY = {
    "en": "It would keep in mind: {summary}",
    "ko": "다음을 염두에 두겠습니다: {summary}",
    "es": "Tendría presente: {summary}",
}
DRAFTS = {
    "en": "Of two drafts it keeps what both say: rules cannot tell which is better.",
    "ko": "두 초안에 모두 있는 내용만 남깁니다. 규칙으로는 어느 것이 나은지 알 수 없습니다.",
    "es": "De dos borradores guarda lo que dicen ambos: las reglas no saben cuál es mejor.",
}


def solve(inputs: Mapping[str, Any]) -> str:
    """A response in the request's language, as far as three are told apart."""
    request = inputs["request"]
    language = language_of(request)
    plain = PLAIN[language].format(request=_shortened(request))
    return " ".join([plain, *_personal(inputs, language)])


def _personal(inputs: Mapping[str, Any], language: str) -> list[str]:
    """A sentence for each thing that was given."""
    sentences = []
    if notes := inputs.get("notes"):
        listed = "; ".join(note.rstrip(".") for note in notes)
        sentences.append(NOTES[language].format(notes=listed))
    if turns := inputs.get("turns"):
        first = turns[0]["turns"][0]["content"]
        sentences.append(TURNS[language].format(turn=_shortened(first)))
    if summary := inputs.get("summary"):
        sentences.append(SUMMARY[language].format(summary=summary))
    if inputs.get("drafts"):
        sentences.append(DRAFTS[language])
    return sentences


def language_of(text: str) -> str:
    """`ko`, `es` or `en`, by script and a few tell-tale words."""
    if HANGUL.search(text):
        return "ko"
    return "es" if SPANISH.search(text) else "en"


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_ECHO else flat[: LONGEST_ECHO - 1] + "…"
