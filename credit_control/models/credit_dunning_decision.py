from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..core import reasons
from ..core.ladder import Decision
from .bulk import copy_rows
from .derived_key import DerivedMany2one

# The answers that the planner gave for many items at once, in a table of its transaction:
# id of the item, partner_id, reason, next_date.
QUIET = SQL.identifier("credit_dunning_plan_quiet")

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

    company_id = DerivedMany2one("res.company", required=True)
    partner_id = DerivedMany2one("res.partner", index=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal item", required=True, index=True, ondelete="cascade"
    )
    move_id = fields.Many2one(related="move_line_id.move_id")
    step_id = fields.Many2one("credit.dunning.step", ondelete="set null")
    policy_id = fields.Many2one(related="step_id.policy_id")
    reason = fields.Selection(REASON_LABELS, required=True)
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="Until", help="The last day on which this was the answer; empty: it still is.")
    next_date = fields.Date(string="Next date", help="The day on which the next step will be due.")

    preview_run_id = fields.Many2one(
        "credit.dunning.run",
        string="Preview",
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
        gone = [Decision(item, reasons.SETTLED) for item in current.keys() - answers.keys() if not current[item][-1]]
        changed, ended = (
            [decision for decision in some if self._is_changed(current.get(decision.item), decision, run.date)]
            for some in (answers.values(), gone)
        )
        over = [current[decision.item] for decision in changed + ended if decision.item in current]
        self._close([*over, *self._get_overtaken(current, run.date)], run.date)
        partner_of = {item: known[-2] for item, known in current.items()}
        partner_of.update((row.id, row.partner_id) for row in planned.ledger.rows.values())
        copy_rows(self, self._prepare_vals(run, changed, partner_of))
        # An item that is gone has its last word on one day: it mustn't be read again by every plan to come.
        copy_rows(self, self._prepare_vals(run, ended, partner_of, date_to=run.date))
        self._insert_quiet(run)

    def _get_overtaken(self, current, day):
        """Return the answers in force that those of the quiet items replace."""
        return [known for known in current.values() if known[-1] and known[3] <= day]

    def _insert_quiet(self, run, preview=False):
        """Write the answers of the quiet items that have no other answer in force."""
        in_force = SQL("SELECT FROM credit_dunning_decision WHERE move_line_id = quiet.id AND date_to IS NULL")
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO credit_dunning_decision (
                            company_id, partner_id, move_line_id, reason, date_from, date_to, next_date, preview_run_id)
                     SELECT %(company)s, partner_id, id, reason, %(day)s, %(date_to)s::date, next_date, %(preview)s::int
                       FROM %(quiet)s quiet
                      WHERE %(missing)s
                      -- Sorted, so that what is missing is known before the first is written: the database would go
                      -- through all that it has just written for each, once the table was seen to be empty.
                      ORDER BY id
                """,
                company=run.company_id.id,
                day=run.date,
                date_to=run.date if preview else None,
                preview=run.id if preview else None,
                quiet=QUIET,
                missing=SQL("TRUE") if preview else SQL("NOT EXISTS (%s)", in_force),
            )
        )

    def _write_preview(self, run, planned):
        """Write the answers of a preview: valid on its day, apart from the journal."""
        self.search([("preview_run_id", "=", run.id)]).unlink()
        partner_of = {row.id: row.partner_id for row in planned.ledger.rows.values()}
        vals_list = self._prepare_vals(run, planned.decisions, partner_of, date_to=run.date)
        copy_rows(self, ({**vals, "preview_run_id": run.id} for vals in vals_list))
        self._insert_quiet(run, preview=True)

    def _query_current(self, run):
        """Return ``{item: (id, reason, step, date_from, next_date, partner, is quiet)}`` of the answers in force.

        Those of quiet items only where the new answer is another one.
        """
        customers = run._get_customers()
        return {
            line_id: (decision_id, *answer)
            for line_id, decision_id, *answer in self.env.execute_query(
                SQL(
                    """
                    SELECT known.move_line_id, known.id, known.reason, known.step_id, known.date_from, known.next_date,
                           known.partner_id, quiet.id IS NOT NULL
                      FROM credit_dunning_decision known
                 LEFT JOIN %(quiet)s quiet ON quiet.id = known.move_line_id
                     WHERE known.company_id = %(company)s AND known.date_to IS NULL AND %(scope)s
                       AND (quiet.id IS NULL OR known.step_id IS NOT NULL OR known.reason <> quiet.reason
                            OR known.next_date IS DISTINCT FROM quiet.next_date)
                    """,
                    quiet=QUIET,
                    company=run.company_id.id,
                    scope=SQL("known.partner_id = ANY(%s)", customers.ids) if customers else SQL("TRUE"),
                )
            )
        }

    def _is_changed(self, known, decision, day):
        if known is None:
            return True
        _id, reason, step, date_from, next_date, _partner, _quiet = known
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
        """Yield the rows of ``decisions``, see :func:`copy_rows`."""
        common = {"company_id": run.company_id.id, "date_from": run.date, "date_to": date_to}
        for decision in decisions:
            yield common | {
                "partner_id": partner_of.get(decision.item),
                "move_line_id": decision.item,
                "step_id": decision.step,
                "reason": decision.reason,
                "next_date": decision.next_date,
            }
