from collections.abc import Collection

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import dispute as decider
from .relational_search import search_through


class CreditOpenItemCause(models.AbstractModel):
    """Why each open item is late: what somebody said, else the reason of its dispute.

    The query of the open items knows nothing of it: causes are looked up item by item, and only where
    somebody asks.
    """

    _name = "credit.open.item.cause"
    _description = "Cause of delay of open items"

    delay_cause_id = fields.Many2one(
        "credit.delay.cause",
        string="Cause of delay",
        compute="_compute_delay_cause_id",
        search="_search_delay_cause_id",
        help="Why it isn't paid in time, as somebody said; of a disputed item, the reason of its dispute.",
    )

    @api.depends_context("as_of")
    def _compute_delay_cause_id(self):
        query = SQL(
            "SELECT item.id, %s FROM unnest(%s::int[]) item(id)",
            self._get_cause_sql(SQL.identifier("item", "id")),
            self.ids,
        )
        cause_of = dict(self.env.execute_query(query))
        for item in self:
            item.delay_cause_id = cause_of.get(item.id)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "delay_cause_id":
            return self._get_cause_sql(SQL.identifier(alias, "id"))
        return super()._field_to_sql(alias, field_expr, query)

    def _search_delay_cause_id(self, operator, value):
        return search_through(self.env["credit.delay.cause"], operator, value, self._get_cause_domain)

    def _get_cause_domain(self, causes):
        """Return the domain of the items late for one of ``causes``."""
        ids = tuple(causes.ids) or (0,)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "COALESCE(%s IN %s, FALSE)", model._field_to_sql(alias, "delay_cause_id", query), ids
            ),
            predicate=lambda item: item.delay_cause_id.id in ids,
        )

    def _get_cause_sql(self, line_id):
        """Return the cause of the item whose id is ``line_id``: one look-up by an index, at most two."""
        self.env["credit.delay.cause.item"].flush_model(["cause_id", "move_line_id"])
        self.env["credit.dispute"].flush_model(["closed_on", "date", "reason_id", "state"])
        self.env["credit.dispute.line"].flush_model(["dispute_id", "move_line_id"])
        self.env["credit.dispute.reason"].flush_model(["cause_id"])
        return SQL(
            """
            COALESCE(
                (SELECT said.cause_id FROM credit_delay_cause_item said WHERE said.move_line_id = %(line_id)s),
                (SELECT reason.cause_id
                   FROM credit_dispute_line disputed
                   JOIN credit_dispute dispute ON dispute.id = disputed.dispute_id
                   JOIN credit_dispute_reason reason ON reason.id = dispute.reason_id
                  WHERE disputed.move_line_id = %(line_id)s
                    AND reason.cause_id IS NOT NULL
                    AND dispute.date <= %(as_of)s
                    AND (dispute.state = 'open' OR dispute.closed_on > %(as_of)s)
                  ORDER BY dispute.id LIMIT 1)
            )
            """,
            line_id=line_id,
            as_of=self._as_of(),
        )

    @api.model
    def _get_qualified_share(self, company_ids: Collection[int], partner_ids: Collection[int] | None = None):
        """Return how much of the overdue has a known cause, as of the day of the context, in one query.

        :return: ``{"overdue": amount, "qualified": amount, "share": per cent}``, amounts in company
            currency, items whole (an item that is disputed in part is qualified)
        """
        self._flush_sources()
        items = self._get_items_sql(self._as_of(), company_ids, partner_ids, with_bucket=False)
        query = SQL(
            """
            SELECT COALESCE(SUM(amount), 0), COALESCE(SUM(amount) FILTER (WHERE is_known), 0)
              FROM (
                SELECT item.amount_residual AS amount, %s IS NOT NULL AS is_known
                  FROM (%s) item
                 WHERE item.days_overdue > 0 AND item.amount_residual > 0
              ) late
            """,
            self._get_cause_sql(SQL.identifier("item", "id")),
            items,
        )
        [(overdue, qualified)] = self.env.execute_query(query)
        overdue, qualified = float(overdue), float(qualified)
        return {
            "overdue": overdue,
            "qualified": qualified,
            "share": decider.qualified_share(overdue, qualified),
        }

    def action_write_off(self):
        """Ask where these small balances are written off."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write small balances off"),
            "res_model": "credit.write.off",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_move_line_ids": self.move_line_id.ids,
                "default_company_id": self.company_id[:1].id,
            },
        }

    def action_set_cause(self):
        """Ask for the cause of delay of these items."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_delay_cause_wizard_action")
        action["context"] = {
            "default_move_line_ids": self.move_line_id.ids,
            "default_cause_id": self.delay_cause_id[:1].id,
        }
        return action
