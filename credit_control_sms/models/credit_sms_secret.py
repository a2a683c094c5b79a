from odoo import api, fields, models
from odoo.tools import SQL


class CreditSmsSecret(models.Model):
    """A key of a gateway, in a table of its own that nobody reads.

    Where the database refuses a statement, Odoo logs it with its values, and PostgreSQL adds the whole row: a key
    must stand in no row that a person's mistake can touch, and is written by statements that aren't logged.
    """

    _name = "credit.sms.secret"
    _description = "Secret of an SMS gateway"
    _rec_name = "name"

    gateway_id = fields.Many2one("credit.sms.gateway", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="gateway_id.company_id")
    name = fields.Char(required=True)
    value = fields.Text(groups=fields.NO_ACCESS)

    _once = models.Constraint("UNIQUE (gateway_id, name)", "A gateway has each secret once.")

    @api.model
    def _read_values(self, gateway_ids, name):
        """Return ``{gateway id: value}``."""
        query = SQL(
            "SELECT gateway_id, value FROM credit_sms_secret WHERE gateway_id = ANY(%s) AND name = %s",
            list(gateway_ids),
            name,
        )
        return dict(self.env.execute_query(query))

    @api.model
    def _keep_value(self, gateway_id, name, value):
        """Keep one value; an empty one forgets it."""
        if value:
            query = SQL(
                """
                INSERT INTO credit_sms_secret (gateway_id, name, value) VALUES (%s, %s, %s)
                ON CONFLICT (gateway_id, name) DO UPDATE SET value = EXCLUDED.value
                """,
                gateway_id,
                name,
                value,
            )
        else:
            query = SQL("DELETE FROM credit_sms_secret WHERE gateway_id = %s AND name = %s", gateway_id, name)
        self.env.cr.execute(query, log_exceptions=False)
