"""Why a document was held is said in each reader's language now; what was written before stays as it was."""

from odoo.tools.sql import column_exists, rename_column


def migrate(cr, version):
    """Keep the words of earlier holds."""
    if column_exists(cr, "credit_hold", "reason") and not column_exists(cr, "credit_hold", "earlier_reason"):
        rename_column(cr, "credit_hold", "reason", "earlier_reason")
