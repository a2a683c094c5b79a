"""What the codes of :mod:`core.rating_file` say to people, and the names of its fields."""

from odoo.tools.translate import LazyTranslate

from ..core import ledger_file, rating_file
from .credit_ledger_import_sentences import SENTENCES as LEDGER_SENTENCES

_lt = LazyTranslate(__name__)

# Found among the customers and in the agency's scale, not in the file alone.
UNKNOWN_CUSTOMER = "unknown_customer"
SEVERAL_CUSTOMERS = "several_customers"
CONTRADICTION = "contradiction"
UNKNOWN_VALUE = "unknown_value"
UNKNOWN_CURRENCY = "unknown_currency"

SHARED = (
    ledger_file.TOO_LARGE,
    ledger_file.TOO_MANY_ROWS,
    ledger_file.EMPTY,
    ledger_file.NOT_TEXT,
    ledger_file.LINE_TOO_LONG,
    ledger_file.BAD_QUOTES,
    ledger_file.HEADER_MISSING,
    ledger_file.HEADER_TWICE,
    ledger_file.DATE_ORDER_OPEN,
    ledger_file.COLUMNS_DIFFER,
    ledger_file.VALUE_MISSING,
    ledger_file.BAD_DATE,
    ledger_file.BAD_AMOUNT,
    ledger_file.BAD_CURRENCY,
)
SENTENCES = {
    **{code: LEDGER_SENTENCES[code] for code in SHARED},
    ledger_file.DUPLICATE: _lt("“%(value)s” is rated on the same day on line %(other)s already."),
    rating_file.NO_CUSTOMER: _lt("The row names no customer."),
    rating_file.CELL_TOO_LONG: _lt("The cell is longer than %(value)s characters."),
    rating_file.NEGATIVE: _lt("“%(value)s”: a recommended limit can't be negative."),
    rating_file.ENDS_BEFORE: _lt("“%(value)s” is before the day of the rating."),
    rating_file.IN_FUTURE: _lt("“%(value)s” is still to come."),
    UNKNOWN_CUSTOMER: _lt("No customer is known as “%(value)s”."),
    SEVERAL_CUSTOMERS: _lt("Several customers are known as “%(value)s”."),
    CONTRADICTION: _lt("The numbers and references of this row belong to different customers (%(value)s)."),
    UNKNOWN_VALUE: _lt("“%(value)s” isn't a rating of this agency."),
    UNKNOWN_CURRENCY: _lt("The currency “%(value)s” isn't active."),
}
FIELD_LABELS = {
    "vat": _lt("VAT number"),
    "registry": _lt("SIREN or register number"),
    "ref": _lt("our reference"),
    "name": _lt("customer"),
    "value": _lt("rating"),
    "date": _lt("day of the rating"),
    "limit": _lt("recommended limit"),
    "currency": _lt("currency"),
    "until": _lt("valid until"),
    "note": _lt("comment"),
}
