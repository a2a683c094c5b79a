"""One answer to "is this money that came in?": for all who read from reconciliations what customers paid.

A receipt is what is reconciled with a claim, but for

- credit notes and whatever else sales journals book,
- exchange differences,
- what is written off: an entry of a general journal that books a loss (it debits an expense or an income) without
  debiting money. So a reduction or a bad debt isn't a receipt, whichever account it is on.

Payments and bank statement lines are receipts, whole: also where a small difference was written off with them. So are
entries of general journals that debit bank, cash or an account in between (cheques, transfers), charges included; what
was set off against a supplier's bill or by an entry between accounts of the balance sheet (bills of exchange, too); and
opening credits. An entry is one or the other, whole: one that writes a customer's item off beside another's receipt is
a receipt of both.

The conditions are about the item ``credit`` in ``journal``, of entries that are posted. Other items are looked at only
for those in general journals.
"""

from odoo import api
from odoo.tools import SQL

# Of all companies: read once a statement. A branch may use its parent's.
EXCHANGE_JOURNALS = SQL(
    "ARRAY(SELECT currency_exchange_journal_id FROM res_company WHERE currency_exchange_journal_id IS NOT NULL)"
)
# What took off a claim was never to be paid.
IS_CREDITED = SQL("(journal.type = 'sale' OR journal.id = ANY(%s))", EXCHANGE_JOURNALS)


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


IS_WRITE_OFF = SQL(
    "(journal.type = 'general' AND %s AND NOT %s)",
    _has_other_sql(SQL("(account.account_type LIKE 'expense%%' OR account.account_type LIKE 'income%%')")),
    _has_other_sql(SQL("account.account_type IN ('asset_cash', 'asset_current', 'liability_credit_card')")),
)
IS_RECEIPT = SQL("(NOT %s AND NOT %s)", IS_CREDITED, IS_WRITE_OFF)


def flush_receipts(env: api.Environment):
    """Write to the database what these conditions read."""
    env["account.move.line"].flush_model(["account_id", "balance", "journal_id", "move_id"])
    env["account.account"].flush_model(["account_type"])
    env["account.journal"].flush_model(["type"])
    env["res.company"].flush_model(["currency_exchange_journal_id"])
