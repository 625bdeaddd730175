"""The content words of a text in any script: what every lexical rule of ours compares.

Latin and similar scripts give words without stop words, cut by Harman's S-stemmer ("How effective
is suffixing?", 1991). Hangul, Han and kana, where words carry endings or no spaces, give pairs of
neighbouring characters. Meaning is out of reach: "no nuts" and "nuts" share their content word.
"""

import re
import unicodedata

PAIRED = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
RUN = re.compile(rf"[{PAIRED}]+|[^\W_{PAIRED}]+(?:['’][^\W_{PAIRED}]+)*")
STARTS_PAIRED = re.compile(rf"[{PAIRED}]")

ENGLISH = (
    "a about all also am an and any are aren't as at be because been being but by can can't could"
    " did didn't do does doesn't don't for from get go had has have haven't having he her here him"
    " his how i i'd i'll i'm i've if in into is isn't it it's its just let like likes me more most"
    " much my no not of on one or our out please really she should so some something than that"
    " that's the their them then there these they thing this those to too up user us very want"
    " wants was we were what when where which who will with would yes you your"
)
SPANISH = (
    "a al algo algún alguna como con cuando de del desde donde el ella ellos en era es esa ese eso"
    " esta está este esto estoy fue gusta gustan gustaría ha hay he la las le les lo los más me mi"
    " mis mucho muy nada ni no nos o para pero por porque que qué quiero se sea ser si sí sin sobre"
    " son soy su sus también te tengo tiene tu tus un una unas uno unos y ya yo"
)
STOP_WORDS = frozenset((ENGLISH + " " + SPANISH).split())


def content_words(text: str) -> list[str]:
    """The content words in order, folded so that case, width and plural make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    words: list[str] = []
    for run in RUN.findall(folded):
        if STARTS_PAIRED.match(run):
            words += _pairs(run)
        elif run not in STOP_WORDS:
            words.append(stem(run))
    return words


def _pairs(run: str) -> list[str]:
    if len(run) == 1:
        return [run]
    return [run[start : start + 2] for start in range(len(run) - 1)]


def stem(word: str) -> str:
    """An English plural's or genitive's singular; other words as they are."""
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss", "is")):
        return word[:-1]
    return word


def coverage(part: str, whole: str) -> float:
    """The share of the first text's content words that the second holds, 0 where it has none."""
    wanted = set(content_words(part))
    return len(wanted & set(content_words(whole))) / len(wanted) if wanted else 0.0


def overlap(one: str, other: str) -> float:
    """Shared content words over those of the text with fewer (Szymkiewicz–Simpson), 0 … 1."""
    left, right = set(content_words(one)), set(content_words(other))
    fewer = min(len(left), len(right))
    return len(left & right) / fewer if fewer else 0.0
