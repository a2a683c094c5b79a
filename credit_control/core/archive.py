"""Names of files in an archive: whatever people called them, safe to unpack anywhere, and each once.

>>> names = Names()
>>> names.place("invoices", "INV/2026/0001.pdf"), names.place("invoices", "inv_2026_0001.PDF")
('invoices/INV_2026_0001.pdf', 'invoices/inv_2026_0001 (2).PDF')
"""

import re
import unicodedata
from dataclasses import dataclass, field

# The name of a file takes no more than this many bytes: with its folder it fits every file system.
MAX_BYTES = 120
# Windows doesn't know files of these names, whatever their ending.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
# Separators and what Windows refuses.
FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
# Control characters, invisible ones, and those that turn the direction of a text: "fdp.exe" reads "exe.pdf".
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
NOTHING = "file"


def safe_name(name: str | None, fallback: str = NOTHING) -> str:
    """Return ``name`` as the name of a file, without any folder.

    >>> safe_name("../../etc/passwd"), safe_name("a\\x00b\\u202egnp.exe"), safe_name("CON.txt")
    ('_.._etc_passwd', 'abgnp.exe', '_CON.txt')
    >>> safe_name("  ...  "), safe_name(None), safe_name("Facture d’été 12/2026.pdf")
    ('file', 'file', 'Facture d’été 12_2026.pdf')
    >>> len(safe_name("é" * 500 + ".pdf").encode()), safe_name("x" * 500 + ".pdf")[-4:]
    (120, '.pdf')
    """
    text = unicodedata.normalize("NFC", str(name or ""))
    text = "".join(char for char in text if unicodedata.category(char) not in INVISIBLE)
    text = FORBIDDEN.sub("_", text)
    text = re.sub(r"\s+", " ", text).strip(" .")
    text = RESERVED.sub(r"_\1", text) if RESERVED.match(text) else text
    return _shorten(text, MAX_BYTES) or fallback


def _shorten(text: str, limit: int, mark: str = "") -> str:
    """Return ``text`` with ``mark`` before its ending, in no more than ``limit`` bytes."""
    stem, dot, ending = text.rpartition(".")
    if not dot or not stem or len(ending.encode()) > 10:
        stem, ending = text, ""
    tail = mark + (f".{ending}" if ending else "")
    room = limit - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + tail


@dataclass
class Names:
    """The names that an archive has already; letter case doesn't tell two of them apart."""

    taken: set[str] = field(default_factory=set)

    def place(self, folder: str, name: str | None) -> str:
        """Return where ``name`` goes in ``folder``: with a number where the place is taken.

        >>> names = Names()
        >>> [names.place("a", "x.pdf") for _ in range(3)], names.place("", "x.pdf")
        (['a/x.pdf', 'a/x (2).pdf', 'a/x (3).pdf'], 'x.pdf')
        """
        base = safe_name(name)
        path, number = self._join(folder, base), 1
        while path.casefold() in self.taken:
            number += 1
            path = self._join(folder, _shorten(base, MAX_BYTES, f" ({number})"))
        self.taken.add(path.casefold())
        return path

    @staticmethod
    def _join(folder: str, name: str) -> str:
        return f"{folder}/{name}" if folder else name
