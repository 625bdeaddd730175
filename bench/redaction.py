"""Measure the search for personal data: `python -m bench.redaction [--megabytes N]`; prints JSON.

Invented conversations in five languages, one turn in six with personal data in it, every one
different, so that nothing is measured from a cache. One process, no database. The processor's own
time is printed beside the clock's, as a machine may be busy with other things. One turn that is
made of nothing but personal data is measured apart, per kind of data.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from collection.redaction.detection import detect, detect_in_all, regions_of

LANGUAGES = ("en", "es", "ko", "ja", "zh")
TURNS = 12
SENTENCES = {
    "en": "I have been thinking about how we plan our meals, since the shops close at {n} and "
    "prices went up by {n}% in 20{m}. Could you propose {n} dinners of about {m}0 kcal each?",
    "es": "He estado pensando en cómo planeamos las comidas; las tiendas cierran a las {n} y los "
    "precios subieron un {n}% en 20{m}. ¿Puedes proponer {n} cenas de unas {m}0 kcal?",
    "ko": "매주 식단을 어떻게 짤지 생각하고 있습니다. 가게는 {n}시에 닫고 20{m}년에 가격이 {n}% "
    "올랐습니다. {m}0칼로리 정도의 저녁 식단 {n}개를 제안해 주시겠어요?",
    "ja": "毎週の献立の立て方を考えています。店は{n}時に閉まり、20{m}年に値段が{n}%上がりました。"
    "{m}0キロカロリーほどの夕食を{n}つ提案してもらえますか。",
    "zh": "我一直在考虑每周怎样安排饮食，商店{n}点关门，20{m}年价格上涨了{n}%。你能推荐{n}份大约"
    "{m}0千卡的晚餐吗？另外请告诉我怎样保存剩下的食物。",
}
PERSONAL = {
    "en": "My name is Tessa Example{n}, mail tessa{n}@example.org or call (415) 555-{phone}. ",
    "es": "Me llamo Lucía Ejemplo, escribe a lucia{n}@example.es o llama al 612 34 {phone}. ",
    "ko": "제 이름은 김민수이고 전화는 010-1234-{phone}, 주소는 서울시 강남구 테헤란로 {n}입니다. ",
    "ja": "田中太郎と申します。電話は090-1234-{phone}、住所は東京都渋谷区神南1-{n}-3です。",
    "zh": "我叫王小明，手机1381234{phone}，住在北京市朝阳区建国路{n}号。",
}

DENSE: dict[str, Callable[[random.Random], str]] = {
    "emails": lambda draw: f"p{draw.randrange(10**6)}@example.org ",
    "phones": lambda draw: f"({draw.randint(201, 989)}) 555-{draw.randint(1000, 9999)}, ",
    "digits": lambda draw: f"{draw.randrange(10**9, 10**10)} ",
    "names": lambda draw: f"My name is {name(draw)} {name(draw)}. ",
    "addresses": lambda draw: ".".join(str(draw.randint(1, 254)) for _ in range(4)) + " ",
}
DENSE_SIZE = 500_000


def main() -> None:
    """Say how many megabytes a second are searched."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=4)
    json.dump(measured(parser.parse_args().megabytes), sys.stdout, indent=1)
    print()


def measured(megabytes: float) -> dict[str, Any]:
    """The figures of all languages mixed, and of each; UTF-8 is what counts as size."""
    regions = regions_of(LANGUAGES)
    talks = conversations(round(megabytes * 1e6))
    report: dict[str, Any] = {"regions": len(regions), "conversations": len(talks)}
    spent = dict.fromkeys(LANGUAGES, 0.0)
    processor = time.process_time()
    size = dict.fromkeys(LANGUAGES, 0)
    found = 0
    for language, turns in talks:
        began = time.perf_counter()
        found += sum(map(len, detect_in_all(turns, regions=regions)))
        spent[language] += time.perf_counter() - began
        size[language] += sum(len(turn.encode()) for turn in turns)
    report |= {"megabytes": round(sum(size.values()) / 1e6, 2), "found": found}
    report["megabytes_per_second"] = round(sum(size.values()) / 1e6 / sum(spent.values()), 2)
    report["megabytes_per_processor_second"] = round(
        sum(size.values()) / 1e6 / (time.process_time() - processor), 2
    )
    report["by_language"] = {
        language: round(size[language] / 1e6 / spent[language], 2) for language in LANGUAGES
    }
    report["dense_megabytes_per_processor_second"] = {
        kind: dense(make) for kind, make in DENSE.items()
    }
    return report


def dense(make: Callable[[random.Random], str], seed: int = 7) -> float:
    """Megabytes a second of one turn in which nothing but such data stand."""
    draw = random.Random(seed)
    pieces: list[str] = []
    size = 0
    while size < DENSE_SIZE:
        pieces.append(make(draw))
        size += len(pieces[-1])
    began = time.process_time()
    detect("".join(pieces), regions=regions_of(LANGUAGES))
    return round(size / 1e6 / (time.process_time() - began), 2)


def name(draw: random.Random) -> str:
    """An invented one."""
    return "".join(draw.choices("abcdefghijklmnop", k=7)).capitalize()


def conversations(size: int, seed: int = 7) -> list[tuple[str, list[str]]]:
    """So many bytes of them, the languages in equal parts."""
    draw = random.Random(seed)
    made: list[tuple[str, list[str]]] = []
    filled = dict.fromkeys(LANGUAGES, 0)
    while (language := min(filled, key=filled.__getitem__)) and sum(filled.values()) < size:
        turns = [turn(language, draw) for _ in range(TURNS)]
        filled[language] += sum(len(text.encode()) for text in turns)
        made.append((language, turns))
    return made


def turn(language: str, draw: random.Random) -> str:
    """A few sentences; one turn in six tells who wrote it."""
    parts = [
        SENTENCES[language].format(n=draw.randint(2, 31), m=draw.randint(10, 24))
        for _ in range(draw.randint(1, 6))
    ]
    if draw.random() < 1 / 6:
        number = draw.randint(1, 400)
        phone = draw.randint(1000, 9999)
        parts.insert(1, PERSONAL[language].format(n=number, phone=phone))
    return " ".join(parts)


if __name__ == "__main__":
    main()
