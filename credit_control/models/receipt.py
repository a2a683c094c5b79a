"""One answer to "is this money that came in?": for all who read from reconciliations what customers paid.

A receipt is what is reconciled with a claim, but for

- credit notes and whatever else sales journals book,
- exchange differences,
- entries of general journals that neither bring money nor set something off: they debit no account of bank, cash or
  what payments go through (cheques, transfers), and no supplier's. Those that book a loss (an expense, or less income)
  are write-offs, whichever account it is on; the others only move a claim: to doubtful customers, to another customer,
  to bills, and opening balances.

Payments and bank statement lines are receipts, whole: also where a small difference was written off with them, as are
entries of general journals with the bank's charges in them. An entry is one or the other, whole: one that writes a
customer's item off beside another's receipt is a receipt of both.

The conditions are about the item ``credit`` in ``journal``, of entries that are posted. Other items are looked at only
for those in general journals.
"""

from odoo import api
from odoo.tools import SQL

# Of all companies: read once a statement. A branch may use its parent's.
EXCHANGE_JOURNALS = SQL(
    "ARRAY(SELECT currency_exchange_journal_id FROM res_company WHERE currency_exchange_journal_id IS NOT NULL)"
)


def _has_other_sql(condition: SQL) -> SQL:
    """Return the condition that the entry of ``credit``, in a general journal, debits an ``account`` that meets one.

    The journals are named inside: where many items are asked about, the database reads these entries only, once.
    """
    return SQL(
        """
        EXISTS (SELECT FROM account_move_line other
                  JOIN account_journal general ON general.id = other.journal_id AND general.type = 'general'
                  JOIN account_account account ON account.id = other.account_id
                 WHERE other.move_id = credit.move_id AND other.balance > 0 AND %s)
        """,
        condition,
    )


_HAS_VALUE = _has_other_sql(
    SQL(
        """
        (account.account_type IN ('asset_cash', 'liability_credit_card', 'liability_payable')
         OR account.id IN (SELECT payment_account_id FROM account_payment_method_line))
        """
    )
)
_HAS_LOSS = _has_other_sql(SQL("(account.account_type LIKE 'expense%%' OR account.account_type LIKE 'income%%')"))

IS_RECEIPT = SQL(
    "(journal.type <> 'sale' AND journal.id <> ALL(%s) AND (journal.type <> 'general' OR %s))",
    EXCHANGE_JOURNALS,
    _HAS_VALUE,
)
IS_WRITE_OFF = SQL(
    "(journal.type = 'general' AND journal.id <> ALL(%s) AND %s AND NOT %s)", EXCHANGE_JOURNALS, _HAS_LOSS, _HAS_VALUE
)


def is_claim_sql(line: str, journal: str) -> SQL:
    """Return the condition that a receivable item, in a journal, is a claim: the customer had to pay it.

    What a payment to them left there isn't, nor is an exchange difference.

    :param line: the item's alias in the statement
    :param journal: the alias of its journal
    """
    item, booked = SQL.identifier(line), SQL.identifier(journal)
    return SQL(
        """
        (%(item)s.balance > 0 AND %(item)s.payment_id IS NULL AND %(item)s.statement_line_id IS NULL
         AND %(booked)s.type NOT IN ('bank', 'cash', 'credit') AND %(booked)s.id <> ALL(%(exchange)s))
        """,
        item=item,
        booked=booked,
        exchange=EXCHANGE_JOURNALS,
    )


def flush_receipts(env: api.Environment):
    """Write to the database what these conditions read."""
    env["account.move.line"].flush_model(
        ["account_id", "balance", "journal_id", "move_id", "payment_id", "statement_line_id"]
    )
    env["account.account"].flush_model(["account_type"])
    env["account.journal"].flush_model(["type"])
    env["account.payment.method.line"].flush_model(["payment_account_id"])
    env["res.company"].flush_model(["currency_exchange_journal_id"])
