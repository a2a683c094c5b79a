"""How a text travels as SMS: folded into the GSM-7 alphabet where that is possible, and counted in parts.

A part holds 160 characters of GSM-7 alone, 153 where there are several (7 bytes tell how they belong together); 70 and
67 in UCS-2, which carries everything else. Characters of the extension table count two and aren't split over two parts
(3GPP TS 23.038, 23.040).
"""

import unicodedata
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")
# What typographers write for what a phone shows; amounts end in EUR: some gateways lose the euro sign.
PLAIN = str.maketrans(
    {
        "\t": " ",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2022": "-",
        "\u2026": "...",
        "\u0152": "OE",
        "\u0153": "oe",
        "\u20ac": "EUR",
        "\u00b0": "o",
        "\u00e7": "c",
        # Accents that stand alone, and letters that are no letter with an accent.
        "`": "'",
        "\u00b4": "'",
        "\u02bc": "'",
        "\u2032": "'",
        "\u2033": '"',
        "\u201b": "'",
        "\u2039": "'",
        "\u203a": "'",
        "\u00a9": "(c)",
        "\u00ae": "(R)",
        "\u00b7": ".",
        "\u00d7": "x",
        "\u0141": "L",
        "\u0142": "l",
        "\u0110": "D",
        "\u0111": "d",
        "\u0131": "i",
    }
)
# Spaces of any width, ends of lines, control characters; what is invisible (joiners, soft hyphens) and lone accents.
BLANKS = {"Zs": " ", "Zl": "\n", "Zp": "\n", "Cc": " ", "Cf": "", "Mn": "", "Me": ""}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as it is handed over: ``encoding`` is ``gsm7`` or ``ucs2``; ``parts`` is what is paid for."""

    text: str
    encoding: str
    parts: int


def encode(text: str) -> Encoded:
    """Return ``text`` as it travels: folded if all of it then fits GSM-7, else as it is.

    >>> encode("Facture de 1\\u202f200,00\\u00a0€")
    Encoded(text='Facture de 1 200,00 EUR', encoding='gsm7', parts=1)
    >>> encode("Être payé"), encode("Здравствуйте").encoding
    (Encoded(text='Etre payé', encoding='gsm7', parts=1), 'ucs2')
    >>> encode("a" * 160).parts, encode("a" * 161).parts, encode("a" * 307).parts, encode("").parts
    (1, 2, 3, 0)
    >>> encode("ж" * 70).parts, encode("ж" * 71).parts, encode("ж" * 135).parts
    (1, 2, 3)
    """
    folded = fold(text)
    if is_gsm7(folded):
        return Encoded(folded, "gsm7", _count(map(_septets, folded), 160, 153))
    return Encoded(text, "ucs2", _count(map(_units, text), 70, 67))


def fold(text: str) -> str:
    """Return ``text`` in the characters of GSM-7 where each has a near one; others stay.

    >>> fold("ê ë ç î ï ô û œ ’ é è ù à")
    "e e c i i o u oe ' é è ù à"
    >>> fold("1\u2003m² ½ №\u00a07 Łódź\u200b ﬁn")
    '1 m2 1/2 No 7 Lodz fin'
    """
    folded = "".join(map(_fold_one, unicodedata.normalize("NFC", text).translate(PLAIN)))
    return unicodedata.normalize("NFC", folded)


def is_gsm7(text: str) -> bool:
    """Whether all of ``text`` can be written in GSM-7.

    >>> is_gsm7("1 200,00 €"), is_gsm7("1\\u202f200,00 €")
    (True, False)
    """
    return all(char in BASIC or char in EXTENSION for char in text)


def _fold_one(char):
    if char in BASIC or char in EXTENSION:
        return char
    kind = unicodedata.category(char)
    if kind in BLANKS:
        return BLANKS[kind]
    # Accents off; ligatures, small figures and the like as what they are made of.
    plain = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    plain = plain.replace("\u2044", "/")
    return plain if plain and is_gsm7(plain) else char


def _septets(char):
    return 2 if char in EXTENSION else 1


def _units(char):
    return 2 if ord(char) > 0xFFFF else 1


def _count(sizes, alone, joined):
    """Return how many parts characters of ``sizes`` need: none is split over two."""
    sizes = list(sizes)
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    parts, used = 1, 0
    for size in sizes:
        if used + size > joined:
            parts, used = parts + 1, 0
        used += size
    return parts
