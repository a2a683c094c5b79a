from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Hours for which a report is kept that nothing was found for.
KEPT = 24
# How many are looked at by one run of the queue.
KEPT_MOST = 1000


class CreditSmsEarlyReport(models.Model):
    """A report that came while the request itself was still being answered, by a name that only the answer tells."""

    _name = "credit.sms.early.report"
    _description = "Report on an SMS, before its answer"
    _order = "id"

    gateway_id = fields.Many2one("credit.sms.gateway", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="gateway_id.company_id", store=True, index=True)
    reference = fields.Char(required=True, readonly=True, help="The provider's name of the message.")
    state = fields.Char(required=True, readonly=True)
    detail = fields.Char(readonly=True)

    _once = models.Constraint("UNIQUE (gateway_id, reference, state)", "Each report is kept once.")

    @api.model
    def _keep(self, gateway, news):
        """Keep ``news`` where something of ``gateway`` is on its way still; return whether it was."""
        on_its_way = [("gateway_id", "=", gateway.id), ("state", "=", "sending"), ("reference", "=", False)]
        if not news.reference or not self.env["credit.sms.delivery"].search_count(on_its_way, limit=1):
            return False
        # Twice in the same moment: PostgreSQL lets one fail, and Odoo repeats its request.
        query = SQL(
            """
            INSERT INTO credit_sms_early_report (gateway_id, company_id, reference, state, detail, create_date)
            VALUES (%s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC')
                ON CONFLICT (gateway_id, reference, state) DO NOTHING
            """,
            *(gateway.id, gateway.company_id.id, news.reference, news.state, news.detail),
        )
        self.env.cr.execute(query, log_exceptions=False)
        return True

    @api.model
    def _take(self, deliveries):
        """Record on ``deliveries`` what was kept for them."""
        references = [reference for reference in deliveries.mapped("reference") if reference]
        for report in self.search([("reference", "in", references)]) if references else self:
            about = deliveries.filtered(
                lambda row, report=report: row.gateway_id == report.gateway_id and row.reference == report.reference
            )
            about._take_report(report.state, report.detail or "")
            if about:
                report.unlink()

    @api.model
    def _take_all(self):
        """Record what was kept for deliveries that were given their name in the same moment."""
        kept = self.search([], limit=KEPT_MOST)
        if kept:
            self._take(self.env["credit.sms.delivery"].search([("reference", "in", kept.mapped("reference"))]))

    @api.autovacuum
    def _gc_old(self):
        self.search([("create_date", "<", fields.Datetime.now() - timedelta(hours=KEPT))]).unlink()
