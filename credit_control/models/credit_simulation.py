import time
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from ..core.replay import tally
from .company_day import company_today
from .credit_simulation_engine import IN_FORCE, TRIED

DAYS = 90
LONGEST_DAYS = 366
# Customers that are listed: those who hear most.
MOST_TOUCHED = 100


class CreditSimulation(models.Model):
    """What a policy would have sent in past days on the real ledger, beside the policies in force.

    Nothing is written but the result: no notice, no decision of the journal, no card.
    """

    _name = "credit.simulation"
    _description = "Simulation of a policy"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one(
        "credit.dunning.policy",
        string="Policy to try",
        required=True,
        ondelete="cascade",
        check_company=True,
        help="It is tried for all customers, whatever their own policy.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.subtract(company_today(self.env.company), days=DAYS),
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: fields.Date.subtract(company_today(self.env.company), days=1),
    )
    compare = fields.Boolean(
        string="Compare with the policies in force", default=True, help="Replays what is set up now, in the same way."
    )
    state = fields.Selection([("draft", "To run"), ("done", "Done")], default="draft", required=True, readonly=True)
    done_at = fields.Datetime(string="Run at", readonly=True)
    seconds = fields.Float(string="Took (s)", readonly=True, digits=(16, 1), aggregator=None)
    refused_count = fields.Integer(
        string="Not reached", readonly=True, help="Messages that no channel could have carried: an address is missing."
    )
    line_ids = fields.One2many("credit.simulation.line", "simulation_id", readonly=True)
    customer_ids = fields.One2many("credit.simulation.customer", "simulation_id", readonly=True)
    summary = fields.Html(compute="_compute_summary", sanitize=False)
    message_count = fields.Integer(string="Messages", compute="_compute_counts")
    call_count = fields.Integer(string="Calls", compute="_compute_counts")
    customer_count = fields.Integer(string="Customers reached", readonly=True)

    _in_order = models.Constraint("CHECK (date_from <= date_to)", "The last day comes before the first.")

    @api.depends("policy_id", "date_from", "date_to")
    def _compute_display_name(self):
        for simulation in self:
            simulation.display_name = self.env._(
                "%(policy)s, %(from)s to %(to)s",
                policy=simulation.policy_id.name or "",
                **{"from": simulation.date_from or "", "to": simulation.date_to or ""},
            )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for simulation in self:
            first, last = simulation.date_from, simulation.date_to
            if not first or not last:
                # Both are required: the database refuses it.
                continue
            if last >= company_today(simulation.company_id):
                raise ValidationError(self.env._("To: choose a day of the past; today isn't over."))
            if (last - first).days >= LONGEST_DAYS:
                raise ValidationError(self.env._("From: %s days at most are replayed at a time.", LONGEST_DAYS))

    @api.depends("line_ids.count")
    def _compute_counts(self):
        for simulation in self:
            tried = simulation.line_ids.filtered(lambda line: line.variant == TRIED)
            simulation.call_count = sum(tried.filtered(lambda line: line.kind == "call").mapped("count"))
            simulation.message_count = sum(tried.filtered(lambda line: line.kind == "message").mapped("count"))

    # -- running ------------------------------------------------------------------------

    def action_run(self):
        """Replay the days, and keep what came out in place of what was there.

        :raise UserError: where the policy has no step
        """
        self.ensure_one()
        self.check_access("write")
        if not self.policy_id.step_ids:
            raise UserError(self.env._("“%s” has no step yet: there is nothing to try.", self.policy_id.name))
        start = time.monotonic()
        found = self.env["credit.simulation.engine"]._simulate(
            self.company_id, self.policy_id, self.date_from, self.date_to, self.compare
        )
        self._store(found, time.monotonic() - start)
        return True

    def _store(self, found, seconds):
        lines = [vals for variant, (sent, _refused) in found.items() for vals in self._prepare_lines(variant, sent)]
        sent, refused = found[TRIED]
        self.sudo().write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "seconds": seconds,
                "refused_count": refused,
                "customer_count": len({one.partner for one in sent}),
                "line_ids": [Command.clear(), *map(Command.create, lines)],
                "customer_ids": [Command.clear(), *map(Command.create, self._prepare_customers(found))],
            }
        )

    def _prepare_lines(self, variant, sent):
        counted = tally(((one.date, one.step, one.channel), one.amount) for one in sent)
        kinds = self._get_kinds()
        return [
            {
                "variant": variant,
                "date": date,
                "step_id": step,
                "channel_id": channel,
                "kind": kinds[channel],
                "count": known.count,
                "amount": known.amount,
            }
            for (date, step, channel), known in counted.items()
        ]

    def _get_kinds(self):
        """Return ``{channel: kind of work}``: what leaves by itself, what a person says or decides."""
        decision = self.env.ref("credit_control.channel_decision")
        channels = self.env["credit.channel"].with_context(active_test=False).search(Domain.TRUE)
        return {
            channel.id: "decision" if channel == decision else "call" if channel.is_manual else "message"
            for channel in channels
        }

    def _prepare_customers(self, found):
        """Return those who hear most of the policy that is tried, with what they hear of those in force."""
        kinds = self._get_kinds()
        heard = defaultdict(lambda: defaultdict(int))
        for variant, (sent, _refused) in found.items():
            for one in sent:
                heard[one.partner][variant, kinds[one.channel]] += 1
                heard[one.partner][variant] += 1
        most = sorted(heard, key=lambda partner: (-heard[partner][TRIED], -heard[partner][IN_FORCE], partner))
        return [
            {
                "partner_id": partner,
                "message_count": heard[partner][TRIED, "message"],
                "call_count": heard[partner][TRIED, "call"],
                "count": heard[partner][TRIED],
                "count_in_force": heard[partner][IN_FORCE],
            }
            for partner in most[:MOST_TOUCHED]
        ]

    # -- looking ------------------------------------------------------------------------

    @api.depends("line_ids.count", "compare", "state")
    @api.depends_context("lang")
    def _compute_summary(self):
        for simulation in self:
            done = simulation.state == "done"
            simulation.summary = done and self.env["ir.qweb"]._render(
                "credit_control.simulation_summary", simulation._prepare_summary(), minimal_qcontext=True
            )

    def _prepare_summary(self):
        """Return the table: for each variant a row a step and channel, and the totals."""
        labels = dict(self.env["credit.simulation.line"]._fields["variant"]._description_selection(self.env))
        groups = []
        for variant in (TRIED, IN_FORCE) if self.compare else (TRIED,):
            lines = self.line_ids.filtered(lambda line, variant=variant: line.variant == variant)
            by_step = lines.grouped(lambda line: (line.step_id, line.channel_id))
            rows = [
                {
                    "step": step.name,
                    "policy": step.policy_id.name,
                    "channel": channel.name,
                    "count": sum(some.mapped("count")),
                    "amount": self.currency_id.format(sum(some.mapped("amount"))),
                }
                for (step, channel), some in sorted(
                    by_step.items(),
                    key=lambda pair: (pair[0][0].policy_id.id, pair[0][0].sequence, pair[0][0].id, pair[0][1].id),
                )
            ]
            total = sum(lines.mapped("count"))
            groups.append({"label": labels[variant], "rows": rows, "total": total})
        return {"groups": groups}

    def action_open_lines(self):
        """Open the result as a chart."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_simulation_line_action")
        action["domain"] = [("simulation_id", "=", self.id)]
        return action
