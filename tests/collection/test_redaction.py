"""What each detector finds. All people, numbers and addresses here are invented or documented
examples of their issuers."""

import pytest

from collection.redaction.detection import detect, detect_in_all, regions_of, without_overlaps
from collection.redaction.kinds import LABELS, SPECIFIC, Kind, Span
from collection.redaction.names import occurrences

REGIONS = regions_of(["en", "es", "ko", "ja", "zh", "de", "fr"])


def found(text: str, kind: str) -> list[str]:
    """The words of one kind."""
    spans = detect(text, regions=REGIONS)
    return [text[span.start : span.end] for span in spans if span.kind == kind]


FOUND = {
    Kind.EMAIL: [
        ("Write to anna.keller+x@mail.example.org.", "anna.keller+x@mail.example.org"),
        ("제 이메일은 kim@example.com입니다", "kim@example.com"),
        ("メールはtaro@example.co.jpまで", "taro@example.co.jp"),
        ("anna (at) example (dot) org", "anna (at) example (dot) org"),
        ("José: josé.núñez@example.es, gracias", "josé.núñez@example.es"),
    ],
    Kind.PHONE: [
        ("call +41 31 555 12 34 now", "+41 31 555 12 34"),
        ("my number is (415) 555-0132.", "(415) 555-0132"),
        ("Tel: 020 7946 0958", "020 7946 0958"),
        ("mi móvil es 612 345 678", "612 345 678"),
        ("전화번호는 010-1234-5678이에요", "010-1234-5678"),
        ("携帯は090-1234-5678です", "090-1234-5678"),
        ("手机13812345678，谢谢", "13812345678"),
    ],
    Kind.CARD: [
        ("card 4111 1111 1111 1111 exp 12/27", "4111 1111 1111 1111"),
        ("5555-5555-5555-4444", "5555-5555-5555-4444"),
        ("amex 378282246310005", "378282246310005"),
    ],
    Kind.IBAN: [
        ("to DE89 3704 0044 0532 0130 00 please", "DE89 3704 0044 0532 0130 00"),
        ("IBAN ES9121000418450200051332.", "ES9121000418450200051332"),
    ],
    Kind.IP: [
        ("from 8.8.8.8 today", "8.8.8.8"),
        ("host 2001:4860:4860::8888 answers", "2001:4860:4860::8888"),
    ],
    Kind.URL: [
        ("https://anna:pw@host.example/x", "https://anna:pw@host.example/x"),
        ("see linkedin.com/in/anna-keller.", "linkedin.com/in/anna-keller"),
        ("(https://github.com/annakeller)", "https://github.com/annakeller"),
        ("https://a.example/@anna", "https://a.example/@anna"),
        ("https://a.example/r?token=abc123&x=1", "https://a.example/r?token=abc123&x=1"),
    ],
    Kind.ADDRESS: [
        ("at 221B Baker Street, London NW1 6XE.", "221B Baker Street, London NW1 6XE"),
        ("1600 Amphitheatre Parkway, Mountain View, CA 94043",
         "1600 Amphitheatre Parkway, Mountain View, CA 94043"),
        ("vivo en Calle Mayor 12, 28013 Madrid", "Calle Mayor 12, 28013 Madrid"),
        ("집은 서울특별시 강남구 테헤란로 123입니다", "서울특별시 강남구 테헤란로 123"),
        ("住所は東京都渋谷区神南1-2-3です", "東京都渋谷区神南1-2-3"),
        ("我住在北京市朝阳区建国路88号。", "北京市朝阳区建国路88号"),
        ("Musterstraße 12, 10115 Berlin", "Musterstraße 12, 10115 Berlin"),
    ],
    Kind.NATIONAL_ID: [
        ("SSN 536-90-4399", "536-90-4399"),
        ("NI number AB 12 34 56 C", "AB 12 34 56 C"),
        ("DNI 12345678Z", "12345678Z"),
        ("NIE X1234567L", "X1234567L"),
        ("주민번호 900101-1234568", "900101-1234568"),
        ("身份证11010519491231002X", "11010519491231002X"),
        ("Steuer-ID 36 574 261 809", "36 574 261 809"),
        ("マイナンバー 1234 5678 9018", "1234 5678 9018"),
    ],
    Kind.NAME: [
        ("Hi, I'm Anna Keller from Bern.", "Anna Keller"),
        ("my name is Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("Call me Bo.", "Bo"),
        ("This is Maria speaking", "Maria"),
        ("Thanks for all.\n\nBest regards,\nJohn Smith\n", "John Smith"),
        ("Me llamo Lucía Fernández García y", "Lucía Fernández García"),
        ("Un saludo,\nPedro", "Pedro"),
        ("제 이름은 김민수입니다.", "김민수"),
        ("저는 박지영이라고 합니다", "박지영"),
        ("감사합니다.\n이하늘 드림", "이하늘"),
        ("田中太郎と申します。", "田中太郎"),
        ("私の名前は佐藤花子です", "佐藤花子"),
        ("我叫王小明，", "王小明"),
        ("你好，我是李娜。", "李娜"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [(kind, text, words) for kind, rows in FOUND.items() for text, words in rows],
)
def test_personal_data_is_found(kind: str, text: str, words: str) -> None:
    assert found(text, kind) == [words]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.CARD, "4111 1111 1111 1112"),
        (Kind.CARD, "order 0000000000000000"),
        (Kind.IBAN, "DE89 3704 0044 0532 0130 01"),
        (Kind.NATIONAL_ID, "12345678A"),
        (Kind.NATIONAL_ID, "900101-1234567"),
        (Kind.NATIONAL_ID, "110105194912310021"),
        (Kind.IP, "999.1.1.1 and 256.300.1.2"),
        (Kind.IP, "127.0.0.1, 192.168.0.1, 10.0.0.2, 255.255.255.0, 0.0.0.0, ::1, fe80::1"),
        (Kind.IP, "version 1.2.3.4 of std::vector, a::b at 10:20:30"),
        (Kind.URL, "https://example.org/docs?page=2#top https://github.com/django/django"),
        (Kind.PHONE, "at 2024-01-15 10:30 we had 1,234,567 of 12.345.678"),
        (Kind.PHONE, "ISBN 978-3-16-148410-0, unix 1700000000, id 550e8400-e29b-41d4"),
        (Kind.ADDRESS, "I did 3 Place holders and 12 Way points; 대로 10년; 第3号; 1-2-3"),
        (Kind.NAME, "I am German. I'm Sorry. I am Claude. Call me Later. This is Python from PyPI"),
        (Kind.NAME, "저는 대학생입니다. 저는 고등학생입니다. 저는 한국인입니다"),
        (Kind.NAME, "我是程序员。我是高中生，今年。我叫他来。私は学生です。"),
        (Kind.NAME, "Soy España y soy yo"),
    ],
)
def test_what_only_looks_alike_is_not_found(kind: str, text: str) -> None:
    assert found(text, kind) == []


ORDINARY = [
    "In 2021 prices rose by 12.5% to $1,299.99; the 3rd edition (2nd printing) has 480 pages.",
    "for i in range(10):\n    x[i] = 0x1F * 255 + 3.14159265358979\n    print(f'{i:08.3f}')",
    "pip install django==5.2.4 'numpy>=1.26,<2.0' && git checkout 9f8e7d6c5b4a39281706",
    "Bake at 200 degrees for 25-30 minutes, 250 g flour, 3/4 cup milk, serves 4 to 6.",
    "SELECT * FROM t WHERE id IN (1000234, 1000235, 1000236) LIMIT 50 OFFSET 100;",
    "La reunión es el 15/03/2024 a las 16:30 en la planta 3; cuesta 1.250,50 euros.",
    "2024년 3월 15일 오후 3시 30분에 회의가 있고 참가비는 35,000원입니다. 3로 나누면 10입니다.",
    "2024年3月15日の15時30分に会議があり、参加費は3,500円です。第2章の1-3節を読みました。",
    "会议在2024年3月15日15:30，费用350元，共1200人参加，第3号文件，增长了12.5%。",
    "Romeo and Juliet, Act 2 Scene 2; 1 Corinthians 13:4-7; ISBN 0-306-40615-2; RFC 2119.",
    "The ratio is 16:9, the mask is 255.255.255.0, MAC 00:1A:2B:3C:4D:5E, v2.0.1-rc.3.",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert [text[span.start : span.end] for span in detect(text, regions=REGIONS)] == []


def test_offsets_count_code_points() -> None:
    text = "😀😀 mail anna@example.org"

    assert detect(text, regions=()) == [Span(8, 24, Kind.EMAIL)]


def test_longest_wins_and_then_the_most_specific() -> None:
    spans = [
        Span(0, 10, Kind.PHONE),
        Span(0, 10, Kind.NATIONAL_ID),
        Span(4, 20, Kind.URL),
        Span(30, 35, Kind.NAME),
    ]

    assert without_overlaps(spans) == [Span(4, 20, Kind.URL), Span(30, 35, Kind.NAME)]
    assert without_overlaps(spans[:2]) == [Span(0, 10, Kind.NATIONAL_ID)]


def test_overlaps_cost_work_in_proportion_to_the_finds() -> None:
    looked: list[None] = []

    class Counted(Span):
        """Counts how often it is looked at."""

        def __getattribute__(self, name: str) -> object:
            looked.append(None)
            return super().__getattribute__(name)

    spans = [Counted(n, n + 12, Kind.EMAIL) for n in range(0, 50_000, 10)]

    assert len(without_overlaps(spans)) == 2_500
    assert len(looked) < 100 * len(spans)


@pytest.mark.parametrize("many", [False, True])
def test_names_are_found_alike_by_either_search(many: bool) -> None:
    names = ["Anna Keller", "Anna", "Keller", "김민수"]
    names += [f"Person{n}" for n in range(100)] if many else []
    text = "Anna and Anna Keller, Annabel; 김민수의 책. xAnna"

    found = {text[one.start : one.end] for one in occurrences(text, names)}

    assert found == {"Anna", "Anna Keller", "Keller", "김민수"}


def test_link_inside_a_link_counts_to_a_limit() -> None:
    inner = "https://a.example/?to=https://github.com/anna"

    assert found(inner, Kind.URL) == ["https://github.com/anna"]
    assert detect("ab://" * 5000, regions=()) == []


def test_email_in_a_link_is_one_thing() -> None:
    text = "https://a.example/?email=anna@example.org"

    assert [span.kind for span in detect(text, regions=())] == [Kind.URL]


def test_name_found_in_one_turn_is_known_in_all() -> None:
    texts = ["I am Anna Keller.", "Hello Anna! Annabel and Keller are others.", "anna"]

    spans = detect_in_all(texts, regions=())

    words = [
        [text[span.start : span.end] for span in row]
        for text, row in zip(texts, spans, strict=True)
    ]
    assert words == [["Anna Keller"], ["Anna", "Keller"], []]


def test_names_of_the_account_are_found() -> None:
    spans = detect("Sign as Okafor", names=["Tilda Okafor"], regions=())

    assert spans == [Span(8, 14, Kind.NAME)]


def test_korean_name_is_found_before_its_particle() -> None:
    spans = detect_in_all(["제 이름은 김민수입니다", "김민수의 책"], regions=("KR",))

    assert spans[1] == [Span(0, 3, Kind.NAME)]


def test_regions_follow_the_languages() -> None:
    assert regions_of(["ko", "en-CA"]) == ("KR", "CA", "US", "GB")


@pytest.mark.parametrize("text", ["", "\n", "@", "://", "+", "0" * 5000, "1 " * 2000, "a@" * 3000])
def test_odd_texts_break_nothing(text: str) -> None:
    assert isinstance(detect(text, regions=REGIONS), list)


def test_every_kind_has_a_label_and_a_rank() -> None:
    assert set(LABELS) == set(SPECIFIC) == set(Kind)
