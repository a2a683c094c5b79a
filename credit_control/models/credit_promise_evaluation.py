from odoo import api, fields, models
from odoo.tools import SQL

from ..core import promises as core
from .company_day import companies_by_day, company_today

# The states of the record, by what the core says.
STATE_OF = {core.EXCLUDED: "cancelled"}


class CreditPromiseEvaluation(models.AbstractModel):
    """Promises kept, partly kept, broken: decided by themselves, from what was received."""

    _name = "credit.promise.evaluation"
    _description = "Evaluation of promises"

    @api.model
    def _cron_evaluate(self, today=None):
        """Decide every open promise as of ``today``, whatever their number in few queries.

        Kept ones are decided as soon as they are covered, the others once the tolerance has passed.

        :param today: a date; each company's current one, without
        """
        changed = self.browse()
        for day, companies in companies_by_day(self.env, fields.Date.to_date(today)).items():
            of_companies = SQL("promise.state = 'open' AND promise.company_id = ANY(%s)", companies.ids)
            changed |= self.sudo()._evaluate(of_companies, day)
        return changed

    @api.model
    def _evaluate_company(self, company, today=None):
        """Decide the open promises of ``company``."""
        return self._evaluate(SQL("promise.state = 'open' AND promise.company_id = %s", company.id), today)

    @api.model
    def _reconsider(self, line_ids):
        """Decide again the promises on these items: what settles them has changed.

        Those that are over too: a payment may be known later than it is dated, or come back. What a person
        cancelled stays cancelled.
        """
        line_ids = [line_id for line_id in line_ids if line_id]
        if not line_ids:
            return self.browse()
        concerned = SQL(
            "%s AND (promise.state <> 'cancelled' OR promise.is_excluded)", self._get_on_lines_sql(line_ids)
        )
        if not self._has_promises(line_ids):
            return self.browse()
        return self.sudo()._evaluate(concerned)

    def _has_promises(self, line_ids):
        """Whether there is anything to reconsider: most entries were never promised, and this is asked for each."""
        self.env["credit.promise"].flush_model(["move_line_ids"])
        return self.env.execute_query(
            SQL(
                "SELECT FROM account_move_line_credit_promise_rel WHERE account_move_line_id = ANY(%s) LIMIT 1",
                line_ids,
            )
        )

    @api.model
    def _evaluate(self, wanted, today=None):
        """Decide the promises ``wanted`` (SQL condition on ``promise``), and return those that changed their state."""
        today = fields.Date.to_date(today) or company_today(self)
        verdicts = {}
        for pool in self._gather_pools(wanted, SQL("promise.state = 'open'"), today).values():
            verdicts |= core.decide(pool.promises, pool.owed, pool.receipts, today, pool.terms)
        promises = self.browse(verdicts)
        promises.fetch(["amount_kept", "amount_excluded", "amount_left", "broken_on", "date", "is_excluded", "state"])
        self._apply_amounts({promise: verdicts[promise.id] for promise in promises})
        return self._apply_states({promise: verdicts[promise.id] for promise in promises})

    def _apply_amounts(self, verdicts):
        """Write what was received, excluded and is left, where it differs: one query for all."""
        rows = [
            (promise.id, verdict.kept, verdict.excluded, verdict.left)
            for promise, verdict in verdicts.items()
            if (verdict.kept, verdict.excluded, verdict.left)
            != (promise.amount_kept, promise.amount_excluded, promise.amount_left)
        ]
        if not rows:
            return
        ids, *amounts = zip(*rows, strict=True)
        self.env.execute_query(
            SQL(
                """
                UPDATE credit_promise
                   SET amount_kept = new.kept, amount_excluded = new.excluded, amount_left = new.rest
                  FROM unnest(%s::int[], %s::numeric[], %s::numeric[], %s::numeric[]) AS new (id, kept, excluded, rest)
                 WHERE credit_promise.id = new.id
                RETURNING credit_promise.id
                """,
                list(ids),
                *map(list, amounts),
            )
        )
        self.browse(ids).invalidate_recordset(["amount_kept", "amount_excluded", "amount_left"], flush=False)

    def _apply_states(self, verdicts):
        """Write the new states, one write an outcome, and tell of them."""
        changed = self.browse(
            promise.id for promise, verdict in verdicts.items() if promise._is_news(self._get_state(verdict))
        )
        for state, promises in changed.grouped(lambda promise: verdicts[promise].state).items():
            promises._write_outcome(state)
        changed._tell_outcome()
        changed.plan_id._follow()
        return changed

    def _get_state(self, verdict):
        return STATE_OF.get(verdict.state, verdict.state)

    def _is_news(self, state):
        """Whether ``state`` tells something new; a promise that somebody declared broken isn't opened again."""
        self.ensure_one()
        if state == "open" and self.state in ("broken", "partly_kept"):
            return False
        return state != self.state

    def _write_outcome(self, state):
        """Write the outcome ``state`` of the core; a promise counts as broken from the day after its tolerance."""
        silent = self.with_context(tracking_disable=True)
        if state == core.BROKEN:
            self._write_broken_on()
        else:
            silent.filtered("broken_on").broken_on = False
        silent.write({"state": STATE_OF.get(state, state), "is_excluded": state == core.EXCLUDED})

    def _write_broken_on(self):
        """Write the day after the tolerance, in one query whatever the number of days and companies."""
        self.flush_recordset(["broken_on", "date"])
        self.env.execute_query(
            SQL(
                """
                UPDATE credit_promise promise
                   SET broken_on = promise.date + company.credit_promise_tolerance_days + 1
                  FROM res_company company
                 WHERE company.id = promise.company_id AND promise.id = ANY(%s)
                RETURNING promise.id
                """,
                self.ids,
            )
        )
        self.invalidate_recordset(["broken_on"], flush=False)

    def _tell_outcome(self):
        """Write a line in the threads of the promises and of their customers."""
        if not self:
            return
        notes = {promise: promise._get_outcome_note() for promise in self}
        self._message_log_batch({promise.id: note for promise, note in notes.items()})
        debtors = self.env["credit.debtor"].search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        )
        by_customer = self.grouped(lambda promise: (promise.partner_id, promise.company_id))
        told = {
            debtor.id: self._join_notes(notes[promise] for promise in by_customer[debtor.partner_id, debtor.company_id])
            for debtor in debtors
            if (debtor.partner_id, debtor.company_id) in by_customer
        }
        debtors.browse(told)._message_log_batch(told)
