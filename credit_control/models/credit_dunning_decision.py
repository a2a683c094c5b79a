from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..core import reasons
from ..core.ladder import Decision
from .bulk import insert_rows

REASON_LABELS = [
    (reasons.REMIND, "To remind"),
    (reasons.DECIDE, "To decide"),
    (reasons.SETTLED, "Settled"),
    (reasons.NOT_TRADE, "Not a trade receivable"),
    (reasons.INSOLVENT, "Collective procedure"),
    (reasons.LITIGATION, "In litigation"),
    (reasons.NO_FOLLOWUP, "Excluded from follow-up"),
    (reasons.PAYMENT_BLOCKED, "Payment blocked"),
    (reasons.COLLECTED, "Direct debit or bill under way"),
    (reasons.DISPUTED, "Disputed"),
    (reasons.PROMISED, "Promised"),
    (reasons.PAUSED, "Paused"),
    (reasons.POLICY_NONE, "No policy"),
    (reasons.UNCERTAIN, "Last message uncertain"),
    (reasons.IN_PROGRESS, "Message under way"),
    (reasons.NOT_DUE, "Not due"),
    (reasons.STEP_NOT_REACHED, "Next step not reached"),
    (reasons.LADDER_ENDED, "All steps done"),
    (reasons.UNALLOCATED_CREDIT, "Covered by unallocated credits"),
    (reasons.BELOW_MINIMUM, "Below the minimum"),
    (reasons.TOO_SOON, "Too soon after the last contact"),
    (reasons.BLACKLISTED, "Address on the blacklist"),
    (reasons.NO_CONTACT, "No address that works"),
]


class CreditDunningDecision(models.Model):
    """Why an open item was or was not reminded, from a day on until the answer changed."""

    _name = "credit.dunning.decision"
    _description = "Dunning decision"
    _order = "date_from desc, id desc"
    _check_company_auto = True
    # Written by the engine only, tens of thousands at a time; the dates say when it was valid.
    _log_access = False

    company_id = fields.Many2one("res.company", required=True)
    partner_id = fields.Many2one("res.partner", index=True, ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", required=True, index=True, ondelete="cascade")
    move_id = fields.Many2one(related="move_line_id.move_id")
    step_id = fields.Many2one("credit.dunning.step", ondelete="set null")
    policy_id = fields.Many2one(related="step_id.policy_id")
    reason = fields.Selection(REASON_LABELS, required=True)
    date_from = fields.Date(required=True)
    date_to = fields.Date(help="The last day on which this was the answer; empty: it still is.")
    next_date = fields.Date(help="The day on which the next step will be due.")

    preview_run_id = fields.Many2one(
        "credit.dunning.run",
        index="btree_not_null",
        ondelete="cascade",
        help="The preview that gave this answer; it isn't part of the journal.",
    )

    _current_unique = models.UniqueIndex("(move_line_id) WHERE date_to IS NULL", "One answer at a time for an item.")

    def _write_journal(self, run, planned):
        """Write the answers that differ from those in force; the journal stays complete and small.

        An item that is no longer open ends as settled. A run dated before an answer in
        force leaves that answer alone: the journal isn't rewritten.
        """
        current = self._query_current(run)
        answers = {decision.item: decision for decision in planned.decisions}
        gone = [Decision(item, reasons.SETTLED) for item in current.keys() - answers.keys()]
        changed, ended = (
            [decision for decision in some if self._is_changed(current.get(decision.item), decision, run.date)]
            for some in (answers.values(), gone)
        )
        self._close([current[decision.item] for decision in changed + ended if decision.item in current], run.date)
        partner_of = {item: known[-1] for item, known in current.items()}
        partner_of.update((row.id, row.partner_id) for row in planned.ledger.rows.values())
        insert_rows(self, self._prepare_vals(run, changed, partner_of))
        # An item that is gone has its last word on one day: it mustn't be read again by every plan to come.
        insert_rows(self, self._prepare_vals(run, ended, partner_of, date_to=run.date))

    def _write_preview(self, run, planned):
        """Write the answers of a preview: valid on its day, apart from the journal."""
        self.search([("preview_run_id", "=", run.id)]).unlink()
        partner_of = {row.id: row.partner_id for row in planned.ledger.rows.values()}
        vals_list = self._prepare_vals(run, planned.decisions, partner_of, date_to=run.date)
        insert_rows(self, [{**vals, "preview_run_id": run.id} for vals in vals_list])

    def _query_current(self, run):
        """Return ``{item: (id, reason, step, date_from, next_date, partner)}`` of the answers in force."""
        customers = run._get_customers()
        return {
            line_id: (decision_id, *answer)
            for line_id, decision_id, *answer in self.env.execute_query(
                SQL(
                    """
                    SELECT move_line_id, id, reason, step_id, date_from, next_date, partner_id
                      FROM credit_dunning_decision
                     WHERE company_id = %(company)s AND date_to IS NULL AND %(scope)s
                    """,
                    company=run.company_id.id,
                    scope=SQL("partner_id = ANY(%s)", customers.ids) if customers else SQL("TRUE"),
                )
            )
        }

    def _is_changed(self, known, decision, day):
        if known is None:
            return True
        _id, reason, step, date_from, next_date, _partner = known
        answer = (decision.reason, decision.step, decision.next_date)
        return answer != (reason, step, next_date) and date_from <= day

    def _close(self, known, day):
        """End these answers the day before; those that began on the same day are replaced."""
        same_day = [answer[0] for answer in known if answer[3] == day]
        self.browse(same_day).unlink()
        self.browse(answer[0] for answer in known if answer[3] < day).write({"date_to": day - timedelta(days=1)})
        # One answer at a time for an item: the old one ends in the database before the new one begins.
        self.flush_model(["date_to"])

    def _prepare_vals(self, run, decisions, partner_of, date_to=None):
        return [
            {
                "company_id": run.company_id.id,
                "partner_id": partner_of.get(decision.item),
                "move_line_id": decision.item,
                "step_id": decision.step,
                "reason": decision.reason,
                "date_from": run.date,
                "date_to": date_to,
                "next_date": decision.next_date,
            }
            for decision in decisions
        ]
