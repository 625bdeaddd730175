"""The phrases that introduce a person's name, and how names look behind or before them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?:['’\-][A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+)*"
_PARTICLE = r"(?:(?:de|del|la|van|von|der|den|di|da|dos|bin|al|y|le) ){0,2}"
_TITLE = r"(?:Dr\.? |Prof\.? |Mrs?\.? |Ms\.? )?"
_LATIN = rf"{_TITLE}(?P<name>{_WORD}(?: (?:[A-Z]\. )?{_PARTICLE}{_WORD}){{0,3}})(?![\w'’]|-\w)"
_SPACED = rf"[ :]{{1,2}}{_LATIN}"
_SIGNED = rf"[,!.]?[ \t]*\n+[ \t]*(?:[-–—] ?)?{_LATIN}[ \t]*(?:\n|\Z|,)"
_PAUSE = r"(?=[ ]?(?:[,.!;\n)]|\Z"

_KOREAN_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구나민진지엄채원"
    "천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국"
)
_KOREAN = rf"(?P<name>[{_KOREAN_SURNAMES}][가-힣]{{1,3}}?)"
_KOREAN_IS = "입니다|이에요|예요|이라고|라고"
_KOREAN_END = rf"(?=(?:{_KOREAN_IS}|이고|이며|인데|이야|야[.!\s]|[.,!\n]|\s|\Z))"

_CHINESE_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_CHINESE_END = r"(?=[，。,.！!？?、；;\s\n]|\Z|今年|来自|是)"
_ANY_CHINESE = r"(?P<name>(?![你他她它了车人不什过])[一-龥]{2,4}?)(?=[，。,.！!\n]|\Z)"

_JAPANESE_SURNAMES = (
    "佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村"
    "|清水|山崎|池田|阿部|橋本|山下|石川|前田|小川|藤田|岡田|後藤|長谷川|石井|村上|近藤|坂本|遠藤"
    "|青木|藤井|西村|福田|太田|三浦|藤原|岡本|松田|中島|中野|原田|小野|田村|竹内|金子|和田|中山"
    "|石田|上田|森田|柴田|酒井|工藤|横山|宮崎|宮本|内田|高木"
)
_KANJI = "[一-龠々ァ-ヶー]"
_KANA_TOO = "[一-龠々ァ-ヶーぁ-ん]"
_JAPANESE_IS = r"(?:です|と申|といい|と言|だ|[。、\n]|\Z)"


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that introduce a name, and what stands after or before them."""

    words: str
    pattern: re.Pattern[str]
    is_after: bool = True
    """Does the name follow? Else it stands before the words."""


def _after(pattern: str, *words: str) -> Iterator[Cue]:
    compiled = re.compile(pattern)
    for word in words:
        yield Cue(word, compiled)


def _before(pattern: str, *words: str) -> Iterator[Cue]:
    compiled = re.compile(pattern + r"\Z")
    for word in words:
        yield Cue(word, compiled, is_after=False)


# First letters are left out where they may be small or capital.
ENGLISH = (
    *_after(_SPACED, "y name is", "Y NAME IS", "y name's", "y full name is", "all me", "I go by"),
    *_after(_SPACED, "name:", "Name:", "I am called"),
    *_after(
        rf" {_LATIN}{_PAUSE}|and |from |from|here|speaking|with ))", "I am", "I'm", "I’m", "i'm"
    ),
    *_after(rf" {_LATIN}(?= (?:speaking|here|calling|from|again))", "his is"),
    *_after(_SIGNED, "egards", "incerely", "est wishes", "heers", "hanks", "hank you"),
    *_after(_SIGNED, "ours truly", "ours faithfully", "Love", "Yours"),
)
SPANISH = (
    *_after(_SPACED, "e llamo", "i nombre es", "i nombre completo es", "lámame", "lámenme"),
    *_after(rf" {_LATIN}{_PAUSE}|y |de ))", "soy", "Soy"),
    *_after(_SIGNED, "aludos", "n saludo", "tentamente", "n abrazo", "ordialmente", "racias"),
)
KOREAN = (
    *_after(rf" ?:? ?{_KOREAN}{_KOREAN_END}", "이름은", "이름:", "성함은", "성명:"),
    *_after(rf" ?{_KOREAN}(?=(?:{_KOREAN_IS}))", "저는", "나는"),
    *_before(rf"(?:^|[\s\n]){_KOREAN} ?", "드림", "올림", "배상"),
)
JAPANESE = (
    *_after(
        rf"[：:はが]? ?(?P<name>{_KANA_TOO}{{1,10}}?(?:[ 　]{_KANA_TOO}{{1,6}}?)?){_JAPANESE_IS}",
        *("名前は", "氏名：", "氏名:", "名前："),
    ),
    *_before(
        rf"(?:(?:^|[\s\n。、！はも])(?P<name>{_KANJI}{{2,6}}(?:[ 　]{_KANJI}{{1,4}})?))",
        *("と申します", "と申し", "といいます", "と言います"),
    ),
    *_before(
        rf"(?P<name>(?:{_JAPANESE_SURNAMES})[ 　]?{_KANJI}{{0,4}})",
        *("と申します", "といいます", "と言います", "拝\n", "より\n"),
    ),
    *_after(
        rf"(?P<name>(?:{_JAPANESE_SURNAMES})[ 　]?{_KANA_TOO}{{0,3}}?)(?:です|だ|。|、)",
        *("私は", "僕は", "俺は", "わたしは"),
    ),
)
CHINESE = (
    *_after(
        rf" ?(?P<name>[{_CHINESE_SURNAMES}][一-龥]{{1,3}}?){_CHINESE_END}",
        *("我叫", "我是", "名字是", "名字叫", "姓名：", "姓名:", "本人"),
    ),
    *_after(rf" ?{_ANY_CHINESE}", "我叫", "名字叫"),
    *_after(
        r"[，,。]?[ \n]*(?:敬礼[！!]?)?\s*\n\s*"
        rf"(?P<name>[{_CHINESE_SURNAMES}][一-龥]{{1,2}})\s*(?:\n|\Z)",
        *("此致", "敬上", "祝好", "顺祝商祺"),
    ),
)
CUES: tuple[Cue, ...] = (*ENGLISH, *SPANISH, *KOREAN, *JAPANESE, *CHINESE)
