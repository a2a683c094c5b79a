import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import reasons
from ..core.money import round_to
from .bulk import copy_rows, insert_links, insert_rows, pausing_gc
from .company_day import company_today
from .credit_dunning_notice import DEAD_STATES, PENDING_STATES

# The answers of an item that still give a call or a decision its sense.
_KEEPS_CALL = frozenset(
    {
        reasons.IN_PROGRESS,
        reasons.UNCERTAIN,
        reasons.STEP_NOT_REACHED,
        reasons.LADDER_ENDED,
        reasons.UNALLOCATED_CREDIT,
        reasons.BELOW_MINIMUM,
        reasons.TOO_SOON,
    }
)

_logger = logging.getLogger(__name__)

# Namespace of the transaction lock that lets one plan be made at a time in a company.
PLAN_LOCK = 0x43524450


class CreditDunningRun(models.Model):
    """One plan for a company and a date: previewed, approved, sent; what was decided and why.

    A run dated back counts in its own time: what it sends left on its date, so that missed
    days can be caught up and shown. A *preview* looks at a past day only: what was paid or
    sent since doesn't count, and nothing of it can leave.
    """

    _name = "credit.dunning.run"
    _description = "Dunning run"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=company_today, index=True)
    state = fields.Selection(
        [("draft", "Draft"), ("planned", "Planned"), ("approved", "Approved"), ("done", "Done")],
        default="draft",
        required=True,
        tracking=True,
    )
    planned_on = fields.Date(string="Planned on", readonly=True, help="The day on which it was planned.")
    is_preview = fields.Boolean(
        string="Preview", help="Planned as on a past day, to look at; it can't be approved or sent."
    )
    partner_ids = fields.Many2many("res.partner", string="Customers", help="Only these; empty: all of the company.")
    notice_ids = fields.One2many("credit.dunning.notice", "run_id")
    decision_ids = fields.Many2many("credit.dunning.decision", compute="_compute_decision_ids")

    @api.depends("date", "is_preview", "state")
    def _compute_display_name(self):
        for run in self:
            date = fields.Date.to_string(run.date)
            run.display_name = self.env._("Preview of %s", date) if run.is_preview else self.env._("Run of %s", date)

    @api.depends("date", "state", "company_id", "is_preview")
    def _compute_decision_ids(self):
        for run in self:
            run.decision_ids = self.env["credit.dunning.decision"].search(run._get_decision_domain())

    def _get_decision_domain(self):
        """Return the domain of the answers that were valid on the run's date."""
        self.ensure_one()
        if self.is_preview:
            return [("preview_run_id", "in", self._origin.ids)]
        return [
            ("preview_run_id", "=", False),
            *self._get_scope_domain(),
            ("date_from", "<=", self.date),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", self.date),
        ]

    def _get_scope_domain(self):
        """Return the domain of what a run is about, for models with a company and a customer."""
        domain = [("company_id", "=", self.company_id.id)]
        return [*domain, ("partner_id", "in", self._get_customers().ids)] if self.partner_ids else domain

    def _get_customers(self):
        """Return the customers that the run is narrowed to, by those who owe; none: it is for all."""
        return self.partner_ids.commercial_partner_id

    # -- buttons --------------------------------------------------------------------

    def action_plan(self):
        """Decide for every open item of the company, or of the run's customers, and write the notices to preview.

        Planning again replaces what was planned before and hasn't been approved.

        :raise UserError: a policy without steps, or a plan of the company that is just being made
        """
        for run in self:
            run.check_access("write")
            run._check_plannable()
            run._lock_company()
            if not run.is_preview:
                run._supersede()
                run._settle_promises()
            run.sudo()._plan()
            run.write({"state": "planned", "planned_on": company_today(run)})
            run._order_agenda()
        return True

    def _order_agenda(self):
        """What was planned comes on the agenda: at once for a few customers, by the cron for all."""
        customers = self._get_customers()
        if self.is_preview:
            return
        if customers:
            debtors = self.env["credit.debtor"].sudo()
            debtors.search([("partner_id", "in", customers.ids), *self._get_scope_domain()])._refresh_agenda()
        else:
            self.env.ref("credit_control.cron_rank").sudo()._trigger()

    def action_approve(self):
        """Let the notices leave: all but those that a person approves one by one.

        Calls and decisions go on their lists: a person carries them out anyway.
        """
        for run in self:
            run._check_not_preview()
            waiting = run.notice_ids.filtered(lambda notice: notice.state in ("draft", "to_approve"))
            waiting.filtered(lambda notice: notice.mode != "manual" or notice.channel_id.is_manual).action_approve()
            run.state = "approved"
        return True

    def action_send(self):
        """Send what is approved, now: a person may do so outside the hours of the policy."""
        for run in self:
            run._check_not_preview()
            run.notice_ids._send_now()
        self._close_if_done()
        return True

    def _check_plannable(self):
        if self.state not in ("draft", "planned"):
            raise UserError(self.env._("%s was approved already: make a new run.", self.display_name))
        if not self.is_preview:
            self.env["credit.dunning.policy"].search([("company_id", "=", self.company_id.id)])._check_usable()

    def _check_not_preview(self):
        if self.is_preview:
            raise UserError(self.env._("%s is there to look at: nothing of it can leave.", self.display_name))

    def _close_if_done(self):
        """Close the runs of which nothing is on its way any more."""
        pending = self.notice_ids._read_group([("run_id", "in", self.ids), ("state", "in", PENDING_STATES)], ["run_id"])
        (self - self.browse(run.id for (run,) in pending)).state = "done"

    def _settle_promises(self):
        """A plan of today knows which promises are broken by today."""
        if self.date == company_today(self):
            self.env["credit.promise"].sudo()._evaluate_company(self.company_id)

    def _lock_company(self):
        """Take the company's plan for this transaction: two at once would write each message twice."""
        [(locked,)] = self.env.execute_query(
            SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", PLAN_LOCK, self.company_id.id)
        )
        if not locked:
            raise UserError(self.env._("A plan of %s is just being made. Try again in a minute.", self.company_id.name))

    # -- apply ----------------------------------------------------------------------

    def _plan(self):
        """Plan and write the answer."""
        planner = self.env["credit.dunning.planner"]
        with pausing_gc():
            planned = planner._plan(self.company_id, self.date, self.is_preview, self._get_customers().ids or None)
            self._apply(planned)

    def _supersede(self):
        """Cancel what earlier plans left waiting, unless a person has put their hand to it."""
        self.env["credit.dunning.notice"].sudo().search(
            [
                *self._get_scope_domain(),
                ("state", "in", ("draft", "to_approve")),
                ("is_edited", "=", False),
                ("date_planned", "=", False),
                ("run_id.is_preview", "=", False),
            ]
        )._record_outcome("cancelled", "superseded")

    def _apply(self, planned):
        """Write the answer: the journal, and one notice a message and channel."""
        self.ensure_one()
        if self.is_preview:
            self.env["credit.dunning.decision"]._write_preview(self, planned)
            self.notice_ids.unlink()
        else:
            self.env["credit.dunning.decision"]._write_journal(self, planned)
            self._release_calls(planned)
        notices = insert_rows(
            self.env["credit.dunning.notice"], self._prepare_notices(planned), len(planned.deliveries)
        )
        insert_links(notices, "recipient_ids", self._prepare_recipients(planned, notices))
        copy_rows(self.env["credit.dunning.notice.line"], self._prepare_lines(planned, notices))
        self.env.invalidate_all()

    def _release_calls(self, planned):
        """Cancel the calls and decisions that wait for a person and have nothing left to be about.

        One that is overtaken by a later step goes too; one whose step another channel has
        already carried stays, for as long as the items wait for their next step.
        """
        answers = {decision.item: decision.reason for decision in planned.decisions}
        waiting = self.env["credit.dunning.notice"].search(
            [
                *self._get_scope_domain(),
                ("state", "=", "queued"),
                ("channel_id.is_manual", "=", True),
            ]
        )
        by_reason = defaultdict(lambda: self.env["credit.dunning.notice"])
        for notice in waiting:
            advancing = notice.line_ids.filtered("step_id")
            left = {answers.get(line.move_line_id.id, reasons.SETTLED) for line in advancing}
            if not left & _KEEPS_CALL:
                overtaken = left & {reasons.REMIND, reasons.DECIDE}
                by_reason["superseded" if overtaken else reasons.leading(left)] |= notice
        for reason, notices in by_reason.items():
            notices._record_outcome("cancelled", reason)

    def _prepare_notices(self, planned):
        """Return the rows of the notices, made one by one; what they read of records is read before."""
        steps = self.env["credit.dunning.step"].browse(message.step for message, _route, _reach in planned.deliveries)
        debtors = self.env["credit.debtor"].browse(message.debtor for message, _route, _reach in planned.deliveries)
        modes = {step.id: step.mode for step in steps.browse(set(steps.ids))}
        senders = [step._get_sender(debtor).id or None for step, debtor in zip(steps, debtors, strict=True)]
        common = {
            "company_id": self.company_id.id,
            "run_id": self.id,
            "date": self.date,
            "planned_on": company_today(self),
            "is_edited": False,
        }
        rounding = self.currency_id.rounding
        return (
            common
            | {"partner_id": planned.ledger.rows[message.lines[0].item].partner_id, "user_id": sender}
            | self._prepare_notice_vals(message, found, reach, modes[message.step], rounding)
            for (message, found, reach), sender in zip(planned.deliveries, senders, strict=True)
        )

    def _prepare_notice_vals(self, message, found, reach, mode, rounding):
        if message.above_ceiling and mode == "auto":
            mode = "approve"
        return {
            "debtor_id": message.debtor,
            "policy_id": message.policy,
            "step_id": message.step,
            "channel_id": found.channel,
            "fallback_for_id": found.instead_of,
            "state": "to_approve" if mode == "approve" else "draft",
            "reason": "above_ceiling" if message.above_ceiling else None,
            "mode": mode,
            "address": reach.address or None,
            "amount_total": round_to(message.amount, rounding),
        }

    def _prepare_recipients(self, planned, notices):
        return [
            (notice_id, partner_id)
            for (_message, _route, reach), notice_id in zip(planned.deliveries, notices.ids, strict=True)
            for partner_id in reach.recipient_ids
        ]

    def _prepare_lines(self, planned, notices):
        currencies = self.env["res.currency"].browse({row.currency_id for row in planned.ledger.rows.values()})
        roundings = {currency.id: currency.rounding for currency in currencies}
        common = {"company_id": self.company_id.id, "live": not self.is_preview}
        own_rounding = self.currency_id.rounding
        return (
            common
            | {"notice_id": notice_id, "channel_id": found.channel}
            | self._prepare_line_vals(line, planned.ledger.rows[line.item], own_rounding, roundings)
            for (message, found, _reach), notice_id in zip(planned.deliveries, notices.ids, strict=True)
            for line in message.lines + message.credits
        )

    def _prepare_line_vals(self, line, row, own_rounding, roundings):
        # What is asked of an item in another currency is asked in that currency, in proportion.
        rate = row.amount_residual_currency / row.amount_residual if row.amount_residual else 0.0
        rounding = roundings[row.currency_id]
        return {
            "move_line_id": row.id,
            "step_id": line.step,
            "occurrence": line.occurrence,
            "is_credit": line.amount < 0,
            "reference": row.reference or "–",
            "date": row.date,
            "date_due": row.date_maturity,
            "currency_id": row.currency_id,
            "amount": round_to(line.amount * rate, rounding),
            "amount_company": round_to(line.amount, own_rounding),
            "amount_original": row.amount_original,
            "amount_disputed": round_to(row.amount_disputed * rate, rounding),
            "amount_promised": round_to(row.amount_promised * rate, rounding),
        }

    # -- summary --------------------------------------------------------------------

    def _get_summary(self):
        """Return what the run claims and holds back, one dict a customer, largest overdue first.

        Keys: ``partner_id``, ``overdue`` (all that was overdue on the run's date), ``claimed``
        (the part of it that the notices ask for), ``not_due`` (asked before its due date),
        ``credits`` (unallocated credits set off, negative), ``held`` ({reason: amount}),
        ``notice_ids``. Amounts in company currency; ``overdue == claimed + sum(held)``, because
        what isn't claimed is held back for the reason that the journal gives.
        """
        self.ensure_one()
        summary = {}
        claims = self._query_claims()
        reason_of = {decision.move_line_id.id: decision.reason for decision in self.sudo().decision_ids}
        for item in self._query_overdue():
            row = self._summary_row(summary, item["partner_id"])
            row["overdue"] += item["amount_residual"]
            claimed = claims.pop(item["id"], {"amount": 0.0, "reason": None})
            row["claimed"] += claimed["amount"]
            for reason, amount in self._split_held(item, claimed, reason_of.get(item["id"])):
                row["held"][reason] += amount
        for claim in claims.values():
            key = "credits" if claim["amount"] < 0 else "not_due"
            self._summary_row(summary, claim["partner_id"])[key] += claim["amount"]
        for notice in self.notice_ids:
            self._summary_row(summary, notice.partner_id.id)["notice_ids"].append(notice.id)
        return sorted(summary.values(), key=lambda row: -row["overdue"])

    def _summary_row(self, summary, partner_id):
        return summary.setdefault(
            partner_id,
            {
                "partner_id": partner_id,
                "overdue": 0.0,
                "claimed": 0.0,
                "not_due": 0.0,
                "credits": 0.0,
                "held": defaultdict(float),
                "notice_ids": [],
            },
        )

    def _split_held(self, item, claimed, reason):
        """Yield (reason, amount) of what isn't claimed of an overdue item: disputed, promised, the rest."""
        rest = item["amount_residual"] - claimed["amount"]
        for part, amount in (
            (reasons.DISPUTED, item["amount_disputed"]),
            (reasons.PROMISED, item["amount_promised"]),
        ):
            taken = min(rest, float(amount or 0))
            if taken > 0:
                rest -= taken
                yield part, taken
        if not self.currency_id.is_zero(rest):
            # Part of it is claimed: the rest was paid since.
            settled = reasons.SETTLED if claimed["amount"] else None
            yield settled or claimed["reason"] or reason or reasons.POLICY_NONE, rest

    def _query_overdue(self):
        known_on = self.date if self.is_preview else max(self.date, self.planned_on or self.date)
        items = self.env["credit.open.item"]._get_items_sql(
            self.date, self.company_id.ids, self._get_customers().ids or None, known_on=known_on
        )
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT id, partner_id, amount_residual::float8, amount_disputed::float8, amount_promised::float8
                  FROM (%s) item
                 WHERE days_overdue > 0 AND amount_residual > 0
                """,
                items,
            )
        )

    def _query_claims(self):
        """Return ``{item: {amount, reason, partner}}`` of the run, each item once whatever the channels.

        What a cancelled, failed or bounced notice asked for isn't claimed; its reason is kept.
        """
        self.env.flush_all()
        return {
            row["move_line_id"]: row
            for row in self.env.execute_query_dict(
                SQL(
                    """
                    SELECT line.move_line_id, notice.partner_id,
                           COALESCE(MAX(line.amount_company) FILTER (WHERE notice.state NOT IN %(dead)s
                                                                     AND line.amount_company > 0),
                                    MIN(line.amount_company) FILTER (WHERE notice.state NOT IN %(dead)s),
                                    0)::float8 AS amount,
                           MIN(notice.reason) FILTER (WHERE notice.state IN %(dead)s) AS reason
                      FROM credit_dunning_notice notice
                      JOIN credit_dunning_notice_line line ON line.notice_id = notice.id
                     WHERE notice.run_id = %(run)s AND line.move_line_id IS NOT NULL
                     GROUP BY line.move_line_id, notice.partner_id
                    """,
                    dead=DEAD_STATES,
                    run=self._origin.id or None,
                )
            )
        }

    # -- cron -----------------------------------------------------------------------

    @api.model
    def _cron_plan(self):
        """Plan today's dunning of every company that has a policy, and queue what leaves by itself.

        A company that can't be planned doesn't stop the others: its run says why, and it is
        planned again the next day. Each company is committed on its own.
        """
        self.search([("state", "in", ("planned", "approved")), ("is_preview", "=", False)])._close_if_done()
        companies = self.env["credit.dunning.policy"].search([("step_ids", "!=", False)]).company_id
        days = {company: company_today(company) for company in companies}
        runs = self.search(
            [("date", "in", list(days.values())), ("is_preview", "=", False), ("partner_ids", "=", False)]
        )
        planned = runs.filtered(lambda run: run.state != "draft" and run.date == days.get(run.company_id)).company_id
        todo = companies - planned
        self.env["ir.cron"]._commit_progress(remaining=len(todo))
        for company in todo:
            try:
                with self.env.cr.savepoint():
                    self.with_company(company)._plan_today(company, days[company])
            except Exception as error:
                _logger.exception("The dunning of company %s (%s) can't be planned", company.name, company.id)
                self._note_failure(company, days[company], error)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _plan_today(self, company, today):
        drafts = [("company_id", "=", company.id), ("date", "=", today), ("state", "=", "draft")]
        run = self.search([*drafts, ("partner_ids", "=", False), ("is_preview", "=", False)], limit=1)
        run = run or self.create({"company_id": company.id, "date": today})
        run.action_plan()
        planned = run.notice_ids.filtered(lambda notice: notice.state == "draft")
        planned.filtered(lambda notice: notice.mode == "auto" or notice.channel_id.is_manual).action_approve()

    def _note_failure(self, company, today, error):
        run = self.create({"company_id": company.id, "date": today})
        run.message_post(body=self.env._("Today's dunning couldn't be planned: %s", error))
