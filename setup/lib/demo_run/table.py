"""The table that ``setup/run`` prints, and the check that its totals tie to the ledger to the cent."""

from decimal import Decimal

HEADERS = ("Customer", "Overdue", "Claimed", "Step", "Channels and state", "Held back, and why")
WIDTHS = (34, 12, 12, 22, 38, 42)


def cents(amount: float) -> Decimal:
    """Return an amount as it is counted: in cents, without the dust of binary fractions.

    >>> str(cents(0.1 + 0.2))
    '0.30'
    """
    return Decimal(repr(round(amount, 6))).quantize(Decimal("0.01"))


def money(amount: float) -> str:
    """Return an amount for people; nothing for zero.

    >>> money(1234.5), money(0), money(-12)
    ('1 234.50', '', '-12.00')
    """
    value = cents(amount)
    return f"{value:,}".replace(",", " ") if value else ""


def difference(result: dict) -> Decimal:
    """Return by how much the ledger's overdue total misses what is claimed and held back.

    Each customer's row is checked too: errors of opposite sign must not hide one another.

    >>> row = {"overdue": 10.0, "claimed": 7.0, "held": {"disputed": 3.0}}
    >>> [str(difference({"ledger_overdue": total, "rows": [row]})) for total in (10.0, 11.0)]
    ['0.00', '1.00']
    """
    gaps = [cents(row["overdue"]) - cents(row["claimed"]) - _held(row) for row in result["rows"]]
    total = cents(result["ledger_overdue"]) - sum((cents(row["overdue"]) for row in result["rows"]), Decimal("0.00"))
    return max([total, *gaps], key=abs)


def _held(row: dict) -> Decimal:
    return sum((cents(amount) for amount in row["held"].values()), Decimal("0.00"))


def render(result: dict) -> str:
    """Return the table with its totals."""
    labels = result["labels"]
    lines = [result["title"], "", _line(HEADERS), _line(["-" * width for width in WIDTHS])]
    lines += [
        _line(cells) for row in result["rows"] if row["overdue"] or row["notices"] for cells in _cells(row, labels)
    ]
    lines += [_line(["-" * width for width in WIDTHS]), *_totals(result)]
    return "\n".join(lines)


def _line(cells) -> str:
    padded = [
        _fit(cell, width).rjust(width) if place in (1, 2) else _fit(cell, width).ljust(width)
        for place, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _fit(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _cells(row: dict, labels: dict):
    """Yield the lines of a customer: the first with the amounts, more where there is more to say."""
    held = [f"{money(amount)} {labels.get(reason, reason)}" for reason, amount in row["held"].items() if cents(amount)]
    notices = [line for notice in row["notices"] for line in _notice_lines(notice)]
    for place in range(max(len(held), len(notices), 1)):
        step, channel = notices[place] if place < len(notices) else ("", "")
        yield (
            row["name"] if not place else "",
            money(row["overdue"]) if not place else "",
            money(row["claimed"]) if not place else "",
            step,
            channel,
            held[place] if place < len(held) else "",
        )


def _notice_lines(notice: dict):
    """Yield (step, channel and state), and below it why another channel was wanted.

    >>> notice = {"step": "First", "channel": "E-mail", "state": "Sent", "instead": "not by SMS: Landline number"}
    >>> list(_notice_lines(notice))
    [('First', 'E-mail: Sent'), ('', '  not by SMS: Landline number')]
    """
    yield notice["step"], f"{notice['channel']}: {notice['state']}"
    if notice.get("instead"):
        yield "", f"  {notice['instead']}"


def _totals(result: dict):
    rows, labels = result["rows"], result["labels"]
    claimed = sum((cents(row["claimed"]) for row in rows), Decimal(0))
    yield _line(("Total", money(sum(row["overdue"] for row in rows)), money(float(claimed)), "", "", ""))
    yield ""
    yield f"  {money(result['ledger_overdue']) or '0.00':>14}  overdue in the ledger ({result['currency']})"
    yield f"  {money(float(claimed)) or '0.00':>14}  claimed"
    held = {}
    for row in rows:
        for reason, amount in row["held"].items():
            held[reason] = held.get(reason, Decimal(0)) + cents(amount)
    for reason, amount in sorted(held.items(), key=lambda pair: -pair[1]):
        yield f"  {money(float(amount)):>14}  held back: {labels.get(reason, reason)}"
    gap = difference(result)
    yield f"  {'':>14}  = to the cent" if not gap else f"  {gap:>14}  MISSING: the table doesn't tie to the ledger"
    for key, text in (("not_due", "also asked before its due date"), ("credits", "unallocated credits set off")):
        amount = sum(row[key] for row in rows)
        if cents(amount):
            yield f"  {money(amount):>14}  {text}"
