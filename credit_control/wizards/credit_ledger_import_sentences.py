"""What the codes of :mod:`core.ledger_file` say to people, and the names of its fields."""

from odoo.tools.translate import LazyTranslate

from ..core import ledger_file as codes

_lt = LazyTranslate(__name__)

# Found in the company, not in the file alone.
UNKNOWN_CURRENCY = "unknown_currency"
NO_RATE = "no_rate"
TOO_PRECISE = "too_precise"
ALREADY_THERE = "already_there"
MIXED_SIGNS = "mixed_signs"
LOCKED = "locked"

SENTENCES = {
    codes.TOO_LARGE: _lt("The file is larger than %(value)s MB. Split it, or export a shorter period."),
    codes.TOO_MANY_ROWS: _lt("The file has more than %(value)s rows. Split it, or export a shorter period."),
    codes.EMPTY: _lt("The file has no rows."),
    codes.NOT_TEXT: _lt("This isn't a CSV text file. Save the spreadsheet as CSV first."),
    codes.LINE_TOO_LONG: _lt("The line is longer than %(value)s characters: this isn't a ledger."),
    codes.BAD_QUOTES: _lt("The quotes don't match (%(value)s). Look for a lone \" on this line or above."),
    codes.HEADER_MISSING: _lt("No column found for: %(fields)s. The first row has to name the columns."),
    codes.HEADER_TWICE: _lt("Two columns have this name; rename the one that isn't meant."),
    codes.DATE_ORDER_OPEN: _lt(
        "“%(value)s” may be day/month or month/day, and no date of the file says which. State the order of the dates."
    ),
    codes.DATE_ORDER_MIXED: _lt(
        "“%(value)s” is written in another order than the date on line %(other)s. "
        "Use one order, or state which is right."
    ),
    codes.DECIMAL_OPEN: _lt(
        "“%(value)s” may have thousands or decimals, and no amount of the file says which. State the decimal sign."
    ),
    codes.DECIMAL_MIXED: _lt(
        "“%(value)s” has another decimal sign than the amount on line %(other)s. Use one, or state which is right."
    ),
    codes.COLUMNS_DIFFER: _lt(
        "The row has %(value)s cells, the header %(other)s. Look for an unquoted separator within a text."
    ),
    codes.VALUE_MISSING: _lt("The value is missing."),
    codes.BAD_DATE: _lt("“%(value)s” isn't a date."),
    codes.BAD_AMOUNT: _lt("“%(value)s” isn't an amount."),
    codes.BAD_FLAG: _lt("“%(value)s” is neither yes nor no."),
    codes.BAD_CURRENCY: _lt("“%(value)s” isn't a currency code of three letters."),
    codes.SIGN_DIFFERS: _lt("“%(value)s” has another sign than the invoice, or pays more than nothing of nothing."),
    codes.DUPLICATE: _lt("Invoice %(value)s with this due date stands on line %(other)s already."),
    codes.NUMBER_REUSED: _lt(
        "Invoice %(value)s on line %(other)s has another customer, date or currency. "
        "Rows of one number are instalments of one invoice."
    ),
    UNKNOWN_CURRENCY: _lt("Currency %(value)s is unknown or archived here. Activate it and enter its rates first."),
    NO_RATE: _lt("Currency %(value)s has no rate in this company. Enter its rates first."),
    TOO_PRECISE: _lt("“%(value)s” has more decimals than its currency."),
    ALREADY_THERE: _lt("Invoice %(value)s was imported before."),
    MIXED_SIGNS: _lt("Invoice %(value)s has instalments of both signs."),
    LOCKED: _lt("“%(value)s” lies in a period that is locked in this company."),
}

FIELD_LABELS = {
    "customer": _lt("customer"),
    "customer_name": _lt("customer name"),
    "number": _lt("invoice number"),
    "date": _lt("invoice date"),
    "due": _lt("due date"),
    "amount": _lt("amount"),
    "currency": _lt("currency"),
    "settled": _lt("settled on"),
    "paid": _lt("amount paid"),
    "residual": _lt("amount open"),
    "disputed": _lt("disputed"),
    "email": _lt("e-mail"),
    "phone": _lt("phone"),
    "street": _lt("street"),
    "zip": _lt("postcode"),
    "city": _lt("city"),
}
