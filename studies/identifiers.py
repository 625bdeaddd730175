"""What looks like a question for who somebody is, which panels forbid to ask.

A guess by names and phrases: it stops a slip, and its author may overrule it.
"""

import re

NAMES = frozenset(
    {
        "name",
        "surname",
        "forename",
        "firstname",
        "lastname",
        "fullname",
        "email",
        "mail",
        "phone",
        "telephone",
        "mobile",
        "birth",
        "birthday",
        "birthdate",
        "dob",
        "address",
        "street",
        "postcode",
        "zip",
        "zipcode",
        "postal",
        "handle",
        "username",
        "nickname",
        "twitter",
        "instagram",
        "facebook",
        "telegram",
        "whatsapp",
        "wechat",
        "kakaotalk",
        "linkedin",
        "tiktok",
        "discord",
        "employer",
        "passport",
        "ssn",
    }
)
"""Parts of a question's key."""
PHRASES = re.compile(
    r"\byour (full |first |last |given |family |user |real )*(name|names)\b|\be-?mail\b"
    r"|\bphone number\b|\btelephone\b|\bdate of birth\b|\bbirthday\b"
    r"|\byour (home |postal |street )*address\b|\bpost ?code\b|\bzip code\b"
    r"|\b(twitter|instagram|facebook|telegram|whatsapp|linkedin|tiktok|discord)\b"
    r"|\btu nombre\b|\bsu nombre\b|correo electrónico|teléfono|fecha de nacimiento"
    r"|(tu|su) dirección|código postal"
    r"|이름|이메일|전화번호|휴대폰|주소|생년월일|お名前|氏名|メールアドレス|電話番号|住所|生年月日"
    r"|姓名|邮箱|电话|手机号|住址|地址|出生日期",
    re.IGNORECASE,
)
"""Words of a question, in the site's languages."""


def looks_identifying(key: str, wordings: list[str]) -> bool:
    """Whether an open question seems to ask for a direct identifier."""
    parts = set(re.split(r"[^a-z]+", key.lower()))
    return bool(parts & NAMES) or any(PHRASES.search(text) for text in wordings)
