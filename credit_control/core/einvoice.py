"""What the status of an e-invoice means for credit control.

Four of the statuses of its life cycle concern the money: ``refused`` and ``disputed`` (the
customer objects), ``rejected`` (a platform did: the invoice hasn't legally arrived) and
``cashed``. The French codes are those of the life cycle of the reform (210, 207, 213, 212).

>>> get_status("refused"), get_status(210), get_status(" FR:207 "), get_status("205")
('refused', 'refused', 'disputed', None)
>>> get_reason("PU_ERR"), get_reason("price"), get_reason("The pallet was wet"), get_reason(None)
('price', 'price', None, None)
"""

REFUSED = "refused"
DISPUTED = "disputed"
REJECTED = "rejected"
CASHED = "cashed"
STATUSES = (REFUSED, DISPUTED, REJECTED, CASHED)

FRENCH = {"207": DISPUTED, "210": REFUSED, "212": CASHED, "213": REJECTED}

# Codes of reasons of our own, and the French codes of a status's reason (MDT-113) that say the same.
REASONS = {
    "price": ("PU_ERR", "REM_ERR", "MONTANTTOTAL_ERR", "CALCUL_ERR", "TX_TVA_ERR"),
    "quantity": ("QTE_ERR", "ART_ERR"),
    "quality": ("QUALITE_ERR",),
    "delivery": ("LIVR_INCOMP",),
    "not_received": (),
    "order_number": ("CMD_ERR", "REF_CT_ABSENT", "REF_ERR"),
    "address": ("ADR_ERR", "SIRET_ERR", "DEST_ERR", "CODE_ROUTAGE_ERR"),
    "duplicate": ("DOUBLON", "DOUBLE_FACT"),
    "credit_note": (),
    "already_paid": (),
    "other": ("AUTRE",),
}
_REASON_OF = {code: reason for reason, codes in REASONS.items() for code in (reason.upper(), *codes)}


def get_status(news: str | int) -> str | None:
    """Return which of :data:`STATUSES` ``news`` is, a word or a French code; None for any other."""
    word = str(news).strip().lower().removeprefix("fr:")
    return word if word in STATUSES else FRENCH.get(word)


def get_reason(news: str | None) -> str | None:
    """Return the code of the dispute reason that ``news`` names; None where it is free text, or nothing."""
    return _REASON_OF.get(str(news or "").strip().upper())
