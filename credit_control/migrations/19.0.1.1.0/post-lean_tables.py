"""What Odoo leaves of fields and keys that are no more, on the tables that grow fastest."""

from odoo.tools import SQL

# A line's document is that of its item; who made a score, and when, is its own day and the scheduled action's user.
COLUMNS = {
    "credit_dunning_notice_line": ["move_id"],
    "credit_score": ["create_uid", "create_date", "write_uid", "write_date"],
}
# Other indexes begin with the same column.
INDEXES = ["credit_debtor__partner_id_index", "credit_score__company_id_index"]


def migrate(cr, version):
    """Drop them, with the foreign keys that each new row would be checked against."""
    for table, columns in COLUMNS.items():
        for column in columns:
            cr.execute(SQL("ALTER TABLE %s DROP COLUMN IF EXISTS %s", SQL.identifier(table), SQL.identifier(column)))
    for index in INDEXES:
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(index)))
