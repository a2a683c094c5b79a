from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class CreditExposureDrafts(models.AbstractModel):
    """Invoices that aren't posted yet: an option. Draft credit notes lower nothing before they are posted.

    In company currency as Odoo converted them, at the rate that the invoice shows.
    """

    _name = "credit.exposure.drafts"
    _inherit = "credit.exposure.handler"
    _description = "Exposure: draft invoices"

    _partner_path = "commercial_partner_id"

    def _get_model(self):
        return self.env["account.move"].sudo()

    def _get_domain(self, today):
        invoices = Domain("move_type", "in", ("out_invoice", "out_receipt"))
        return invoices & Domain("state", "=", "draft") & Domain("commercial_partner_id", "!=", False)

    def _get_columns(self, query):
        table = query.table
        return {
            "partner_id": SQL.identifier(table, "commercial_partner_id"),
            "company_id": SQL.identifier(table, "company_id"),
            "amount": SQL("COALESCE(%s, 0)", SQL.identifier(table, "amount_total_signed")),
            "date_due": SQL.identifier(table, "invoice_date_due"),
            "res_model": SQL("'account.move'"),
            "res_id": SQL.identifier(table, "id"),
            "reference": SQL("COALESCE(%s, %s)", SQL.identifier(table, "name"), SQL.identifier(table, "ref")),
        }
