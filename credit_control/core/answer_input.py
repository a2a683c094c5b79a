"""What strangers write into the forms of the portal, made harmless before it is looked at.

Escaping is the business of who shows a text; here goes what no text, name or number may hold.
"""

import math
import re
from collections.abc import Iterable

# Controls but tab and line ends; then what turns the reading direction, hides or marks the order of bytes.
CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
SPACES = re.compile(r"[\s\u00a0]+")
# What file systems, shells, headers and spreadsheets might read as more than a name.
UNSAFE = re.compile(r'[<>:"|?*;%&$`\'{}\[\]=@#!~^\\/]+')
MAX_NAME = 80

MEGABYTE = 1024 * 1024
MAX_FILES = 5
MAX_FILE_BYTES = 10 * MEGABYTE
MAX_TOTAL_BYTES = 20 * MEGABYTE

ZIPPED = "application/zip"
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
# What may be sent along, by extension, and what its content may look like.
FILE_TYPES = {
    "pdf": {"application/pdf"},
    "png": {"image/png"},
    "jpg": {"image/jpeg"},
    "jpeg": {"image/jpeg"},
    "webp": {"image/webp"},
    "txt": {"text/plain"},
    "csv": {"text/plain", "text/csv"},
    "docx": {f"{OFFICE}.wordprocessingml.document", ZIPPED},
    "xlsx": {f"{OFFICE}.spreadsheetml.sheet", ZIPPED},
    "odt": {f"{OPEN}.text", ZIPPED},
    "ods": {f"{OPEN}.spreadsheet", ZIPPED},
}


def clean_line(text: str, limit: int) -> str:
    """Return ``text`` as one line of at most ``limit`` characters.

    >>> clean_line(" VIR\\r\\nBcc: x@example.com \\x00", 100), clean_line("a" * 9, 4)
    ('VIR Bcc: x@example.com', 'aaaa')
    """
    return SPACES.sub(" ", CONTROLS.sub("", text)).strip()[:limit].strip()


def clean_text(text: str, limit: int) -> str:
    """Return ``text`` with its lines, at most ``limit`` characters, and no more than one empty line in a row.

    >>> clean_text(" one\\r\\n\\r\\n\\r\\n\\r\\ntwo\\x00 ", 100)
    'one\\n\\ntwo'
    """
    lines = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", lines).strip()[:limit].rstrip()


def clean_file_name(name: str, fallback: str = "file") -> str:
    """Return the name that a file is kept under: no path, nothing that is more than a name, not too long.

    >>> clean_file_name("../../etc/passwd.pdf"), clean_file_name("C:\\\\temp\\\\proof.pdf")
    ('passwd.pdf', 'proof.pdf')
    >>> clean_file_name('a\\r\\nContent-Type: text/html.pdf'), clean_file_name("<img src=x onerror=alert(1)>.PNG")
    ('html.pdf', 'img src x onerror alert(1).png')
    >>> len(clean_file_name("a" * 500 + ".pdf")), clean_file_name("....pdf"), clean_file_name("\\u202egpj.exe.jpg")
    (80, 'file.pdf', 'gpj.exe.jpg')
    """
    base = re.split(r"[\\/]", clean_line(name, 1000))[-1]
    stem, _dot, extension = base.rpartition(".")
    extension = re.sub(r"[^a-z0-9]", "", extension.lower())[:8]
    stem = SPACES.sub(" ", UNSAFE.sub(" ", stem)).strip(" .-")
    suffix = f".{extension}" if extension else ""
    return (stem[: MAX_NAME - len(suffix)].strip(" .-") or fallback) + suffix


def get_extension(name: str) -> str:
    """Return what stands after the last dot, in small letters; empty where nothing does.

    >>> get_extension("proof.PDF"), get_extension("proof"), get_extension("page.html.pdf")
    ('pdf', '', 'pdf')
    """
    return name.rpartition(".")[2].lower() if "." in name else ""


def is_allowed_type(name: str, looks_like: str) -> bool:
    """Whether a file of this name may come in, given what its content looks like.

    >>> is_allowed_type("a.pdf", "application/pdf"), is_allowed_type("a.pdf", "text/html")
    (True, False)
    >>> is_allowed_type("a.html", "text/html"), is_allowed_type("a.svg", "image/svg+xml")
    (False, False)
    """
    return looks_like in FILE_TYPES.get(get_extension(name), ())


def read_amount(text: str) -> float | None:
    """Return a positive finite amount; None where the text isn't one.

    >>> [read_amount(text) for text in ("2000", "12,5", " 1 234.56 ", "0", "-5", "nan", "1e400", "x", "1_0")]
    [2000.0, 12.5, 1234.56, None, None, None, None, None, None]
    """
    plain = SPACES.sub("", text).replace(",", ".")
    if not re.fullmatch(r"\d{1,13}(\.\d{0,6})?", plain, re.ASCII):
        return None
    amount = float(plain)
    return amount if math.isfinite(amount) and amount > 0 else None


def read_ids(texts: Iterable[str]) -> list[int]:
    """Return the ids among ``texts`` in order, each once; what can't be one is 0, which is nobody's.

    >>> read_ids(["7", "7", "x", "99999999999999999999", "-1", "٣"])
    [7, 0]
    """
    found = (int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0 for text in texts)
    return list(dict.fromkeys(found))
