from odoo import models

from ..core.signals import Finding, steps_down


class CreditSignalGradeUp(models.AbstractModel):
    """Good news: the trust score has risen by at least so many grades."""

    _name = "credit.signal.grade.up"
    _inherit = "credit.signal.grade.down"
    _description = "Good news: trust is up"

    def _detect(self, scope, rule):
        return [
            Finding(partner_id, now, -steps_down(before, now), {"before": before, "now": now})
            for partner_id, before, now in scope.query(self._get_grades_sql(scope, rule))
            if -steps_down(before, now) >= max(1, rule.threshold)
        ]

    def _explain(self, inputs, currency):
        return self.env._("Trust rose from %(before)s to %(now)s.", before=inputs["before"], now=inputs["now"])
