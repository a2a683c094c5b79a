"""What happened in the demonstration ledger, as values: documents with their dates, nothing of Odoo.

Deterministic: the same day gives the same ledger to the cent, whatever the number of customers taken.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .customers import ALL, Customer, Open

HISTORY_DAYS = 730
# The ledger is to be posted in a minute or two: each customer buys a little less often than in life.
STRETCH = 1.5


@dataclass(frozen=True)
class Invoice:
    """A customer invoice: amount taxes included, and its payment (``paid`` of it on ``paid_on``)."""

    customer: int
    date: date
    due: date
    amount: float
    paid: float = 0.0
    paid_on: date | None = None
    item: Open | None = None


def working_day(day: date) -> date:
    """Return ``day``, or the Monday after where it falls on a weekend.

    >>> working_day(date(2024, 6, 1)), working_day(date(2024, 6, 3))
    (datetime.date(2024, 6, 3), datetime.date(2024, 6, 3))
    """
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def history(place: int, customer: Customer, today: date, days: int = HISTORY_DAYS) -> Iterator[Invoice]:
    """Yield what a customer bought in the last ``days`` and has paid, by their pace and habit.

    Nothing of what is older than the judgment of a collective procedure is paid after it.
    """
    end = today - timedelta(days=customer.procedure.judged_ago if customer.procedure else 0)
    dice = random.Random(f"{customer.name}/{days}")
    day = today - timedelta(days=days - dice.randrange(customer.pace))
    while True:
        issued = working_day(day)
        due = issued + timedelta(days=customer.term)
        paid_on = working_day(due + timedelta(days=_delay(customer, dice)))
        amount = round(customer.size * dice.uniform(0.75, 1.25), 2)
        if paid_on >= end or due >= end:
            return
        yield Invoice(place, issued, due, amount, amount, paid_on)
        day += timedelta(days=max(3, round(customer.pace * STRETCH * dice.uniform(0.8, 1.2))))


def _delay(customer: Customer, dice: random.Random) -> int:
    """Days after the due date, around the habit: late payers also vary more."""
    return round(dice.gauss(customer.habit, 2 + abs(customer.habit) / 4))


def open_invoices(place: int, customer: Customer, today: date) -> Iterator[Invoice]:
    """Yield what is open at a customer's, in the situations of :mod:`customers`."""
    for item in customer.items:
        due = today - timedelta(days=item.late)
        paid_on = today - timedelta(days=item.paid_ago) if item.paid else None
        yield Invoice(
            place, min(today, due - timedelta(days=customer.term)), due, item.amount, item.paid, paid_on, item
        )


def invoices(customers: list[Customer], today: date, days: int = HISTORY_DAYS) -> list[Invoice]:
    """Return all invoices of these customers in the order in which they were issued."""
    found = [
        invoice
        for place, customer in enumerate(customers)
        for invoice in (*history(place, customer, today, days), *open_invoices(place, customer, today))
    ]
    return sorted(found, key=lambda invoice: (invoice.date, invoice.customer))


def part(amount: float, total: float) -> float:
    """Return a part of an item: ``ALL`` is all of it.

    >>> part(ALL, 120.0), part(50.0, 120.0)
    (120.0, 50.0)
    """
    return total if amount == ALL else amount
