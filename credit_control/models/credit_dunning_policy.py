from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core import ladder


class CreditDunningPolicy(models.Model):
    """A dunning scenario: whom, from which amount, when, and by which steps."""

    _name = "credit.dunning.policy"
    _description = "Dunning policy"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    step_ids = fields.One2many("credit.dunning.step", "policy_id", copy=True)
    minimum_amount = fields.Monetary(
        string="Minimum amount", help="Below this total a customer isn't written to. 0: no minimum."
    )
    ceiling_amount = fields.Monetary(
        string="Ceiling amount", help="Above this total a person approves whatever the mode. 0: no ceiling."
    )
    contact_interval_days = fields.Integer(
        string="Days between contacts", default=7, help="Days between two contacts with a customer."
    )
    hour_from = fields.Float(
        string="From (hour)", default=8.0, help="Messages leave from this hour on (company's time zone)."
    )
    hour_to = fields.Float(
        string="Until (hour)", default=18.0, help="No message leaves from this hour on (company's time zone)."
    )
    send_on_weekend = fields.Boolean(string="Send on weekends", help="Messages may leave on Saturdays and Sundays.")
    send_on_holiday = fields.Boolean(string="Send on public holidays", help="Messages may leave on public holidays.")

    _amounts_positive = models.Constraint(
        "CHECK (minimum_amount >= 0 AND ceiling_amount >= 0)", "The minimum and the ceiling can't be negative."
    )
    _interval_bounded = models.Constraint(
        "CHECK (contact_interval_days BETWEEN 0 AND 3650)", "Between two contacts are 0 to 3650 days."
    )
    _hours_in_order = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "The hours in which messages leave must be in order, between 0 and 24.",
    )

    @api.constrains("step_ids")
    def _check_steps(self):
        for policy in self.filtered("step_ids"):
            policy._check_first_step()
            policy._check_steps_in_order()

    def _check_first_step(self):
        first = self.step_ids.filtered(lambda step: step.delay_basis not in ladder.EVENTS).sorted()[:1]
        if first.delay_basis == "previous":
            raise ValidationError(
                self.env._(
                    "%(policy)s: the step “%(step)s” is the first, so it can't count from the previous one.",
                    policy=self.name,
                    step=first.name,
                )
            )

    def _check_steps_in_order(self):
        backward = ladder.backward_step(self._get_core_policy())
        if backward:
            raise ValidationError(
                self.env._(
                    "%(policy)s: the step “%(step)s” would be due before the one it follows. "
                    "Raise its delay, or move it up.",
                    policy=self.name,
                    step=self.step_ids.browse(backward).name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self):
        """Keep what a notice names: the database doesn't check it, see the notice."""
        notice = self.env["credit.dunning.notice"].sudo().search([("policy_id", "in", self.ids)], limit=1)
        if notice:
            raise UserError(
                self.env._(
                    "The policy “%(policy)s” has reminded %(customer)s and stays on record: archive it.",
                    policy=notice.policy_id.name,
                    customer=notice.partner_id.display_name,
                )
            )

    def _get_core_policy(self):
        """Return the policy as the core's value."""
        self.ensure_one()
        return ladder.Policy(
            id=self.id,
            steps=tuple(step._get_core_step() for step in self.step_ids.sorted()),
            minimum=self.minimum_amount,
            ceiling=self.ceiling_amount,
            interval=self.contact_interval_days,
        )

    def _check_usable(self):
        """Refuse a plan by a policy that couldn't say anything, naming it.

        :raise UserError: where an active policy has no step
        """
        empty = self.filtered(lambda policy: not policy.step_ids)
        if empty:
            raise UserError(
                self.env._(
                    "These policies have no step: %(names)s. Add steps, or archive them.",
                    names=", ".join(empty.mapped("name")),
                )
            )

    def action_simulate(self):
        """Open a new simulation of this policy, for the past three months."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_simulation_action")
        action["views"] = [(False, "form")]
        action["context"] = {"default_policy_id": self.id, "default_company_id": self.company_id.id}
        return action

    def action_propose_entries(self):
        """Propose the steps at which old items enter; those of all the company's policies."""
        proposal = self.env["credit.dunning.entry.proposal"].create({"company_id": self.company_id[:1].id})
        return proposal._get_records_action(name=self.env._("Entry steps of old items"), target="new")
