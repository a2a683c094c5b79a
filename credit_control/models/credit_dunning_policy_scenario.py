from odoo import api, fields, models

from ..core.ladder import EVENTS


class CreditDunningPolicy(models.Model):
    """The scenario of a policy as a picture that is read at a glance."""

    _inherit = "credit.dunning.policy"

    step_summary = fields.Char(string="Steps", compute="_compute_step_summary", help="The days and channels in short.")
    scenario_html = fields.Html(
        string="Scenario", compute="_compute_scenario_html", sanitize=False, help="The steps as a line of time."
    )

    @api.depends("step_ids.delay_days", "step_ids.delay_basis", "step_ids.sequence")
    @api.depends_context("lang")
    def _compute_step_summary(self):
        for policy in self:
            policy.step_summary = " · ".join(step._get_when() for step in policy.step_ids.sorted("sequence"))

    @api.depends(
        "ceiling_amount",
        "contact_interval_days",
        "hour_from",
        "hour_to",
        "minimum_amount",
        "send_on_weekend",
        "step_ids.channel_ids",
        "step_ids.delay_basis",
        "step_ids.delay_days",
        "step_ids.kind",
        "step_ids.mode",
        "step_ids.name",
        "step_ids.repeat_days",
        "step_ids.repeat_max",
        "step_ids.role_ids",
        "step_ids.sequence",
    )
    @api.depends_context("lang")
    def _compute_scenario_html(self):
        for policy in self:
            values = {"policy": policy, "marks": policy._prepare_marks(), "terms": policy._prepare_terms()}
            policy.scenario_html = self.env["ir.qweb"]._render("credit_control.policy_scenario", values)

    def _prepare_marks(self):
        """Return the stations of the line: courtesies, the due day, the steps, then what answers an event."""
        steps = self.step_ids.sorted("sequence")
        before = steps.filtered(lambda step: step.delay_basis == "due" and step.delay_days < 0)
        events = steps.filtered(lambda step: step.delay_basis in EVENTS)
        due = {"is_due": True, "when": self.env._("due date")}
        after = steps - before - events
        return [
            *(step._prepare_mark() for step in before),
            due,
            *(step._prepare_mark() for step in after),
            *(step._prepare_mark() for step in events),
        ]

    def _prepare_terms(self):
        """Return the conditions under the line, as short sentences."""
        # In a form whose company has just been emptied there is none.
        currency = self.currency_id or self.env.company.currency_id
        terms = []
        if self.minimum_amount:
            terms.append(self.env._("from %s per customer", currency.format(self.minimum_amount)))
        if self.ceiling_amount:
            terms.append(self.env._("above %s a person approves", currency.format(self.ceiling_amount)))
        terms.append(self.env._("%s days between two contacts", self.contact_interval_days))
        days = self.env._("every day") if self.send_on_weekend else self.env._("Monday to Friday")
        terms.append(
            self.env._(
                "%(days)s, %(start)s to %(end)s", days=days, start=_clock(self.hour_from), end=_clock(self.hour_to)
            )
        )
        return terms


def _clock(hours):
    minutes = round(hours * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
