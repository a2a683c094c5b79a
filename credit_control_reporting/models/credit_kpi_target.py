from odoo import api, fields, models

from odoo.addons.credit_control.models.company_day import company_today

from ..core.kpi import INDICATORS


class CreditKpiTarget(models.Model):
    """What an indicator should be, or was when the work began: from a day on, until the next one."""

    _name = "credit.kpi.target"
    _description = "Target or baseline of an indicator"
    _order = "company_id, indicator, portfolio_id, kind, date_from desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    indicator = fields.Selection(
        selection=lambda self: self.env["credit.kpi.words"]._get_indicators(), required=True, default="dso_count_back"
    )
    portfolio_id = fields.Many2one(
        "credit.portfolio", check_company=True, ondelete="cascade", help="Of this portfolio only; empty: of all."
    )
    kind = fields.Selection(
        [("target", "Target"), ("baseline", "Baseline")],
        required=True,
        default="target",
        help="Target: what is to be reached. Baseline: what gains are counted from.",
    )
    date_from = fields.Date(
        string="Holds from", required=True, default=company_today, help="It holds from this day on."
    )
    value = fields.Float(
        digits=(16, 2),
        required=True,
        help="In the unit of the indicator: days, percent or currency. Of sales and of what is collected: for a month.",
    )

    _once = models.UniqueIndex(
        "(company_id, indicator, COALESCE(portfolio_id, 0), kind, date_from)",
        "There is one already that holds from this day on.",
    )

    @api.depends("indicator", "kind", "date_from")
    def _compute_display_name(self):
        names = dict(self._fields["indicator"]._description_selection(self.env))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for target in self:
            target.display_name = f"{kinds.get(target.kind, '')} · {names.get(target.indicator, '')}"

    @api.model
    def _get_in_force(self, company_ids, indicator, kind, days, portfolio_id=False):
        """Return the value in force on each of ``days``: of several companies their sum, or what they have in common.

        None where there is none, or one of them has none, or the days or percentages of them differ.
        """
        domain = [
            ("company_id", "in", list(company_ids)),
            ("indicator", "=", indicator),
            ("kind", "=", kind),
            ("portfolio_id", "=", portfolio_id),
        ]
        targets = self.search(domain, order="date_from")
        return [self._pick(indicator, targets, company_ids, day) for day in days]

    @api.model
    def _get_targets(self, company_ids, indicators, day):
        """Return ``{(indicator, portfolio id or False): target in force on the day}``, in one query.

        A portfolio's is of its company; for one of all customers see :meth:`_get_in_force`.
        """
        domain = [
            ("company_id", "in", list(company_ids)),
            ("indicator", "in", list(indicators)),
            ("kind", "=", "target"),
        ]
        found = self.search(domain, order="date_from").grouped(lambda one: (one.indicator, one.portfolio_id))
        picked = {
            (indicator, portfolio.id): self._pick(indicator, targets, portfolio.company_id.ids or company_ids, day)
            for (indicator, portfolio), targets in found.items()
        }
        return {key: value for key, value in picked.items() if value is not None}

    def _pick(self, indicator, targets, company_ids, day):
        found = {target.company_id.id: target.value for target in targets if target.date_from <= day}
        if not found or len(found) < len(company_ids):
            return None
        if INDICATORS[indicator].is_summed:
            return sum(found.values())
        values = set(found.values())
        return values.pop() if len(values) == 1 else None
