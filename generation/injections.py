"""Does a text read like an order to a model? A flag for people to look at, never a filter.

What was written by or about a person may always be asked about; what holds against an obeying
model is built elsewhere (docs/security.md). The patterns are known ways of speaking to a model,
in the languages of the site, looked for in every reading of the text (`generation.disguises`).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from generation.disguises import is_hiding, readings, texts_in_base64

INSTRUCTION_LIKE = "instruction_like"
SEAM = 200
"""Characters on each side of a seam: an order may be split over two turns or notes."""
TEXT_KEYS = ("content", "text", "attribute")


@dataclass(frozen=True)
class Pattern:
    """A way of ordering. It is only looked for where one of its `words` stands."""

    words: tuple[str, ...]
    regex: re.Pattern[str]

    def is_in(self, text: str) -> bool:
        """`text` is folded, as `disguises.readings` gives it."""
        return any(word in text for word in self.words) and bool(self.regex.search(text))


def _pattern(words: str, regex: str) -> Pattern:
    return Pattern(tuple(words.split()), re.compile(regex, re.MULTILINE | re.VERBOSE))


ROLES = [
    _pattern(
        "<| <｜ inst <s> </s> start_of", r"<[|｜] | \[/?inst\] | </?s>\s*\S | </?start_of_turn>"
    ),
    _pattern(
        "system assistant developer user human instruction admin",
        r"^\W{0,6}\**(?:system|assistant|developer|user|human)\**\s?(?:\W{1,4}\s)?:"
        r" | [\"']role[\"']\s*:\s*[\"'](?:system|assistant|developer|user)"
        r" | </?(?:system|assistant|developer|instructions?|admin)\b[^<>]{0,40}>"
        r" | (?:\]|\}|\"|-->|\*/|'''|```)\s*,?\s*(?:system|assistant|developer)\s*:",
    ),
    _pattern(
        "material data context document input",
        r"\b(?:begin|end)\ material\b"
        r" | </(?:material|data|context|document|(?:user_)?input|conversation|untrusted\w*)>"
        r" | \bend\ of\ (?:the\ )?(?:data|material|document|user\ input|untrusted)\b",
    ),
    _pattern(
        "items score preference relevance decisions attributes accuracy",
        r"[\"'](?:items|score|preference|relevance|decisions|attributes"
        r"|accuracy)[\"']\s*:\s*[\[{\"'\d]"
        r" | \"\s*\}\s*\]?\s*\}?\s*,?\s*\{?\s*\"(?:items|score|preference|role)\"",
    ),
]
"""Tags, tokens and JSON that belong to a conversation with a model and not into a text."""

ENGLISH = [
    _pattern(
        "instruction prompt rule rubric guideline directive criteria programming command system",
        r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?"
        r"|do\ not\ (?:follow|obey)|don['’]?t\ (?:follow|obey)|stop\ (?:following|obeying)"
        r"|pay\ no\ attention\ to|cancel|supersedes?)\b[^.!?\n]{0,40}?"
        r"\b(?:instructions?|prompts?|rules?|rubrics?|guidelines?|directives?|criteria"
        r"|programming|commands?|system\ messages?)\b",
    ),
    _pattern(
        "instruction rule direction prompt guideline rubric told above previous said",
        r"\b(?:instructions?|rules?|directions?|prompts?|guidelines?|rubrics?)\b[^.!?\n]{0,30}?\b"
        r"(?:void|invalid|cancell?ed|superseded|no\ longer\ (?:apply|valid)|not\ apply)\b"
        r" | \b(?:set\ aside|without\ regard\ (?:to|for)|do(?:n['’]t|\ not)\ (?:consider|heed)"
        r"|regardless\ of|forget|ignore|disregard)\b[^.!?\n]{0,20}?\b(?:(?:you"
        r"|were)\ (?:were\ )?told"
        r"|said\ (?:above|before|so\ far)|everything\ (?:above|before)|(?:your|the)\ guidelines)\b"
        r" | \b(?:begin|start\ of|new|updated)\ (?:system\ )?prompt\b\s?:"
        r" | \b(?:translate|summari[sz]e|quote|recite|paraphrase)\ (?:your|all\ your|the\ above)"
        r"\ (?:instructions?|prompt|rules)\b"
        r" | \b(?:repeat|written|print|quote)\b[^.!?\n]{0,20}?\babove\ (?:this\ (?:line|message"
        r"|text)"
        r"|word\ (?:by|for)\ word|verbatim)",
    ),
    _pattern(
        "task whatever priority",
        r"\b(?:the|your)\ (?:real|actual|true|new|only)\ task\ is\b"
        r" | \bdo\ whatever\ i\ (?:say|tell|write)\b"
        r" | \b(?:highest|top|first|overriding)[\ -]priority\ (?:directive|instruction|order"
        r"|command)",
    ),
    _pattern(
        "accurate relevant correct irrelevant stated must",
        r"\b(?:mark|label|rate|treat|classify|consider|count|judge|call|score"
        r"|flag)\b[^.!?\n]{0,40}?"
        r"\b(?:as|it|this|them)\ [\"'“‘]?(?:accurate|relevant|correct|irrelevant|stated|must\b)"
        r" | \b(?:correct|right|only|expected)\ answer\ is\ [\"'“‘]?(?:accurate|relevant|stated"
        r"|must)"
        r" | \b(?:answer|say|reply|respond(?:\ with)?|output)\ [\"'“‘](?:accurate|relevant|stated"
        r"|must)",
    ),
    _pattern(
        "instruction",
        r"\b(?:new|updated|real|actual|important|urgent|special|secret|hidden)\ (?:system\ )?"
        r"instructions?\b(?:\ (?:for|to)\ (?:you|the\ (?:ai|model|judge|assistant)))?\s?:"
        r" | \bfollow\ (?:these|my|the\ following|only\ (?:my|these))\ (?:new\ )?instructions\b",
    ),
    _pattern(
        "ai llm model assistant judge rater grader evaluator annotator",
        r"\b(?:attention|notes?|message|notice|instructions?|memo|hint|reminder|orders?)\W{0,3}"
        r"\ ?(?:to|for)?\ (?:the\ |any\ |all\ |an?\ |every\ )?"
        r"(?:ai|llm|language\ model|(?:ai\ )?(?:model|judge|rater|grader|evaluator|annotator))s?\b"
        r" | \b(?:dear|hey|hello|hi),?\ (?:ai|llm|language\ model|judge|rater|grader|evaluator)\b"
        r" | \b(?:as|if\ you\ are)\ (?:an?|the)\ (?:ai\ |llm\ )?(?:judge|rater|grader|evaluator)"
        r",?\ you\b",
    ),
    _pattern(
        "system admin developer debug root god sudo jailbreak anything unrestricted",
        r"\b(?:system|admin(?:istrator)?|developer|debug|root|god|sudo|jailbreak)[\ _-]"
        r"(?:override|mode|prompt|message|notice|instructions?|alert)\b"
        r" | \bdo\ anything\ now\b | \byou\ are\ now\ (?:an?\ )?(?:unrestricted|in\b|dan\b|free\b)",
    ),
    _pattern(
        "score scores rate grade mark judge rank rating point label",
        r"\b(?:score|rate|grade|rank|judge|label|mark)\ (?:(?:this|that|it|me|them|everything|all"
        r"|every\w*|each|only|the|first|second|last|response|answer|attribute|statement|item|one"
        r"|user|person|any|of|a|b)\ ){0,5}?(?:(?:a|an|the|as|at|with|is)\ ){0,2}"
        r"(?:10|ten|100|5\b|five|highest|maximum|max|top|perfect|accurate|relevant|must|correct"
        r"|(?:much\ )?better)\b"
        r" | \b(?:score|rating|grade|mark)s?\ (?:must|should|has\ to|have\ to|shall|is\ to)\b"
        r"[^.!?\n]{0,15}?\b(?:10|100|ten|5|max\w*|highest|perfect)\b"
        r" | \b(?:score|rating)\s?[:=]\s?(?:10|100|max\w*)\b"
        r" | \b(?:gives?|award|assign|output|return|set|report|grant"
        r"|respond\ with)\b[^.!?\n]{0,40}?\b(?:highest|maximum"
        r"|max|top|full|perfect|best)\ (?:possible\ )?(?:scores?|ratings?|marks?|grades?|points?)\b"
        r" | \b(?:give|award|assign|output|return|set)\b[^.!?\n]{0,30}?\b(?:score|rating|grade)s?\b"
        r"[^.!?\n]{0,12}?\b(?:10|100|ten|5)\b"
        r" | \b(?:give|award|assign)\ (?:it|this|me|them|everything|all)\b[^.!?\n]{0,20}"
        r"\b(?:10|100)\b(?:\ ?/\ ?10|\ points|\ out\ of)?",
    ),
    _pattern(
        "response option answer side always only must every each",
        r"\b(?:choose|pick|select|prefer|favou?r|vote\ for|output|say|print|reply\ with"
        r"|answer\ with|respond\ with|return)\b[^.!?\n]{0,20}?\b(?:(?:response|option|answer|side)"
        r"\ [\"'“]?(?:a|b|1|2|one|two)\b|(?:first|second)\ (?:response|option|answer)\b)"
        r" | \b(?:always|only|must)\ (?:choose|pick|select|prefer|answer|say"
        r"|output)\ [\"'“]?[ab12]\b"
        r" | \b(?:choose|pick|select|prefer|answer)\ [\"'“]?[ab]\b[^.!?\n]{0,12}?\b(?:every"
        r"|always|each)"
        r" | \bresponse\ [ab]\ is\ (?:always\ |much\ |clearly\ )?(?:the\ )?(?:better|best)\b",
    ),
    _pattern(
        "reveal show print repeat output leak expose disclose list tell give send return include",
        r"\b(?:reveal|show|print|repeat|output|leak|expose|disclose|list|tell\ me|give\ me|send"
        r"|return|include)\b[^.!?\n]{0,40}?\b(?:system\ (?:prompt|message)|(?:your|the)\ (?:initial"
        r"|original|hidden|secret|full|exact)\ (?:prompt|instructions?|rules)|your\ (?:prompt"
        r"|instructions|rules)|(?:other|another|all|every|each)\ (?:the\ )?(?:other\ )?(?:users?"
        r"|participants?|persons?|people|raters?)['’]?s?['’]?\ (?:data|conversations?|attributes?"
        r"|messages?|notes?|profiles?|names?|e-?mails?|records?|words|answers)|api\ keys?)\b"
        r" | \b(?:data|conversations?|messages?|notes|names?|e-?mail(?:\ address)?(?:es)?|records?"
        r"|attributes?)\b[^.!?\n]{0,15}?\b(?:of|about|from)\ (?:all\ )?(?:the\ )?(?:previous"
        r"|other|last"
        r"|every)\ (?:users?|participants?)\b",
    ),
    _pattern(
        "item attribute entry entries row",
        r"\b(?:add|append|insert|create|write|invent|output)\b[^.!?\n]{0,20}?\b(?:an?|another|more"
        r"|extra|new|\d+)\ (?:more\ |new\ |extra\ |further\ )?(?:items?|attributes?|entr(?:y|ies)"
        r"|rows?)\b[^.!?\n]{0,30}?\b(?:to\ (?:the|your)\ (?:list|output|answer|json|result)|id\b)",
    ),
]

SPANISH = [
    _pattern(
        "instruc regla rúbrica rubrica indicaci orden órden prompt directri criterio",
        r"\b(?:ignor[ae]|ignorar|olvid[ae]|olvidar|descart[ae]|omit[ae]|desobedece|no\ sigas"
        r"|haz\ caso\ omiso\ de|pasa\ por\ alto)\b[^.!?\n]{0,40}?\b(?:instruccion(?:es)?"
        r"|instrucción|reglas?|r[úu]bricas?|indicaci(?:ones|ón)|[óo]rden(?:es)?|prompts?"
        r"|directrices|criterios?)\b",
    ),
    _pattern(
        "sistema ahora juez evaluador modelo ia",
        r"\b(?:mensaje|prompt|instrucci[óo]n(?:es)?|aviso)\ del\ sistema\b | \bahora\ eres\b"
        r" | \b(?:nota|mensaje|aviso|instrucci[óo]n(?:es)?)\ (?:para|al?)\ (?:el\ |la\ |los\ )?"
        r"(?:ia|modelo|juez|jueces|evaluador(?:es)?)\b",
    ),
    _pattern(
        "punt calific valor eval nota otorga asigna marca elige escoge prefiere",
        r"\b(?:punt[úu]a|califica|valora|eval[úu]a|otorga|asigna|dale|ponle|da|pon|marca)\b"
        r"[^.!?\n]{0,40}?\b(?:10|diez|100|m[áa]xim[ao]|m[áa]s\ alt[ao]|perfect[ao]|exact[ao]"
        r"|relevante)\b"
        r" | \b(?:elige|escoge|prefiere|selecciona)\b[^.!?\n]{0,20}?\b(?:(?:respuesta|opci[óo]n)"
        r"\ (?:a|b|1|2)\b|(?:primera|segunda)\ (?:respuesta|opci[óo]n))",
    ),
    _pattern(
        "anterior siempre",
        r"\bno\ (?:tengas|tenga|tomes)\ en\ cuenta\ (?:lo|las|todo\ lo)\b[^.!?\n]{0,20}?\banterior"
        r" | \b(?:responde|elige|contesta|marca)\ siempre\b",
    ),
    _pattern(
        "revela muestra repite imprime dime enseña incluye",
        r"\b(?:revela|muestra|repite|imprime|dime|enseña|incluye)\b[^.!?\n]{0,40}?\b(?:prompt|tus"
        r"\ instrucciones|instrucciones\ del\ sistema|(?:otr[oa]s|todos\ los|dem[áa]s)"
        r"\ (?:usuarios|participantes|personas))\b",
    ),
]

KOREAN = [
    _pattern(
        "무시 잊 따르지 버려 무효",
        r"(?:지시|명령|지침|규칙|프롬프트|루브릭|기준|안내)[^.!?\n]{0,12}(?:무시|잊|따르지|버려"
        r"|무효)",
    ),
    _pattern(
        "점 만점 최고 최대 점수",
        r"(?:만점|최고\ ?점|최고\ 점수|최대\ 점수|10\ ?점)[^.!?\n]{0,8}"
        r"(?:줘|주세요|주십시오|줄|매겨|부여|처리|채점|평가)"
        r" | (?:점수|평점|등급)[^.!?\n]{0,10}(?:10|만점|최고|최대)[^.!?\n]{0,10}"
        r"(?:줘|주세요|주십시오|줄|매겨|부여|해|하)",
    ),
    _pattern(
        "시스템 이제 참가자 사용자 심사 평가자 모델",
        r"시스템\ ?(?:프롬프트|메시지|지시|명령) | (?:너는|당신은)\ 이제"
        r" | 다른\ (?:참가자|사용자|사람)[^.!?\n]{0,12}(?:데이터|대화|정보|속성)[^.!?\n]{0,12}"
        r"(?:보여|알려|출력|공개|포함)"
        r" | (?:심사|평가)(?:\ ?모델|자|관)?(?:에게|는|님)\W{0,3}\ ?(?:알림|지시|전달|반드시)",
    ),
    _pattern(
        "응답 답변 항상 무조건 반드시",
        r"(?:첫\ ?번째|두\ ?번째|\b[ab]\b)[^.!?\n]{0,6}(?:응답|답변)[^.!?\n]{0,10}"
        r"(?:선택|골라|선호)"
        r" | (?:응답|답변)\ [ab](?:를|을)?\ ?(?:선택|골라|선호)"
        r" | (?:항상|무조건|반드시)\ ['\"]?[ab]['\"]?(?:를|을)?\ ?(?:선택|골라|선호)",
    ),
]

JAPANESE = [
    _pattern(
        "無視 忘れ 従わ 破棄 無効",
        r"(?:指示|命令|ルール|規則|プロンプト|指令|基準|ルーブリック)[^。!?\n]{0,10}"
        r"(?:無視|忘れ|従わ|破棄|無効)",
    ),
    _pattern(
        "満点 最高 最大 10点 スコア 評価",
        r"(?:満点|最高点|最高評価|最高スコア|最大スコア|10点)[^。!?\n]{0,8}"
        r"(?:つけ|付け|与え|評価|出力|採点|して|ください)"
        r" | (?:スコア|評価|点数)[^。!?\n]{0,8}(?:10|満点|最高)[^。!?\n]{0,8}"
        r"(?:し|つけ|付け|出力|ください)",
    ),
    _pattern(
        "システム これから 今から 参加者 ユーザー 審査 評価モデル",
        r"システム\ ?(?:プロンプト|メッセージ|指示|命令) | あなたは(?:今|これ)から"
        r" | (?:他|別)の(?:参加者|ユーザー|人)[^。!?\n]{0,12}"
        r"(?:データ|会話|情報|属性)[^。!?\n]{0,10}(?:表示|教え|出力|公開|含め|示)"
        r" | (?:審査|評価)(?:モデル|者|員)?(?:へ|に)の?(?:指示|連絡|注意|お知らせ)",
    ),
    _pattern(
        "回答 応答 返答 必ず 常に",
        r"(?:最初|1つ目|一つ目|二つ目|1番目|2番目|[ab])の?(?:回答|応答|返答)[^。!?\n]{0,6}(?:選"
        r"|優先|好)"
        r" | (?:回答|応答|返答)\ ?[ab]を(?:選|優先) | (?:必ず|常に)[^。!?\n]{1,10}(?:と答え|を選)",
    ),
]

CHINESE = [
    _pattern(
        "忽略 无视 忘记 忘掉 不要遵 不要理会 抛弃 跳过 作废 无效",
        r"(?:忽略|无视|忘记|忘掉|不要遵循|不要遵守|不要理会|抛弃|跳过)[^。!?\n]{0,15}"
        r"(?:指令|指示|规则|提示|命令|评分标准|准则|评分规则)"
        r" | (?:指令|指示|规则|提示|命令|准则)[^。!?\n]{0,6}(?:作废|无效)",
    ),
    _pattern(
        "分 最高",
        r"(?:打|给|评|评为|输出|标记|判)[^。!?,\n]{0,10}"
        r"(?:10\ ?分|满分|最高分|100\ ?分|最高评分|最高评级)",
    ),
    _pattern(
        "系统 现在 参与者 用户 评审 评委",
        r"系统(?:提示|消息|指令|信息[:]) | 你现在是 | 从现在起,?你"
        r" | (?:显示|泄露|输出|告诉|透露|列出|包含)[^。!?\n]{0,10}"
        r"(?:其他|别的|所有)的?(?:参与者|用户|人)"
        r" | (?:评审|评委|裁判|评估)(?:模型|者|员)?[:,]?\ ?(?:请注意|注意|必须|请务必)",
    ),
    _pattern(
        "回复 回答 答案 始终 总是 一律 必须",
        r"(?:选择|选|偏好|支持)(?:第[一二]个?|[ab])\ ?(?:个)?(?:回复|回答|答案)"
        r" | (?:选择|选)(?:回复|回答|答案)\ ?[ab]"
        r" | (?:始终|总是|一律|必须)(?:选择|选|标为|标记为|判为)",
    ),
]

LATIN = [*ROLES, *ENGLISH, *SPANISH]
PATTERNS = [*LATIN, *KOREAN, *JAPANESE, *CHINESE]
"""In the order in which they are looked for."""


def looks_like_instruction(text: str) -> bool:
    """Does the text speak to a model, or hide something from people?"""
    if is_hiding(text) or texts_in_base64(text):
        return True
    return any(_orders(reading) for reading in readings(text))


def _orders(reading: str) -> bool:
    patterns = LATIN if reading.isascii() else PATTERNS
    return any(pattern.is_in(reading) for pattern in patterns)


def flags_in(material: Any) -> tuple[str, ...]:
    """The flags of a question about this material: `instruction_like`, or none."""
    found = any(looks_like_instruction(text) for text in _texts(material))
    return (INSTRUCTION_LIKE,) if found else ()


def _texts(material: Any) -> Iterator[str]:
    """Every text in it, and where two of one speaker meet, the seam."""
    if isinstance(material, str):
        yield material
    elif isinstance(material, Mapping):
        for value in material.values():
            yield from _texts(value)
    elif isinstance(material, Sequence):
        for value in material:
            yield from _texts(value)
        yield from _seams(material)


def _seams(rows: Sequence[Any]) -> Iterator[str]:
    spoken: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Mapping):
            role = str(row.get("role", ""))
            spoken[role] += [row[key] for key in TEXT_KEYS if isinstance(row.get(key), str)]
        elif isinstance(row, str):
            spoken[""].append(row)
    for texts in spoken.values():
        for one, other in pairwise(texts):
            yield f"{one[-SEAM:]} {other[:SEAM]}"
