"""What the customer writes on the transfer, so that the payment finds its invoices."""

from collections.abc import Iterable

# Remittance information of a SEPA credit transfer and of its EPC QR code.
MAX_LENGTH = 140


def communication(references: Iterable[str], fallback: str = "", limit: int = MAX_LENGTH) -> str:
    """Return the references in one line that fits ``limit``; the fallback where they don't.

    >>> communication(["INV/1", "INV/2"], "C042")
    'INV/1 INV/2'
    >>> communication(["INV/1", "INV/2"], "C042", limit=8)
    'C042'
    >>> communication(["INV/1", "INV/2"], limit=8)
    'INV/1'
    """
    known = [reference for reference in references if reference]
    line = " ".join(known)
    if len(line) <= limit:
        return line
    return (fallback or known[0])[:limit]


def siren(registry: str) -> str:
    """Return the French SIREN in a SIREN or SIRET, grouped for reading; empty for anything else.

    >>> siren("732 829 320 00074"), siren("732829320"), siren("HRB 86891")
    ('732 829 320', '732 829 320', '')
    """
    digits = "".join((registry or "").split())
    if not digits.isdigit() or len(digits) not in (9, 14):
        return ""
    return f"{digits[:3]} {digits[3:6]} {digits[6:9]}"
