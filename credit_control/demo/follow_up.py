"""What stands between an invoice and its money in the demonstration: disputes, promises, plans, procedures, pauses.

A part of :class:`ledger.DemoLedger`. What has a life of its own (a dispute that is decided, a payment
plan, a procedure, a litigation) is done by the buttons that a collector would press, and moved back
to its days afterwards.
"""

from datetime import timedelta

from odoo import Command

from . import script
from .customers import ALL, OUTCOMES

# Days from the agreement of a payment plan to its first instalment.
PLAN_NOTICE = 10
REPRESENTATIVE = "Mandataire Judiciaire Exemple"
COURT = "Tribunal de commerce de {}"


class FollowUp:
    """The steps after the ledger is posted. Who mixes it in has ``env``, ``company``, ``today``, ``pairs``,
    ``customers`` and ``partners``, posts (``_post``), pays (``_pay``) and names receivable lines (``_items``).
    """

    def _record_follow_up(self):
        items = [(invoice.item, move) for invoice, move in self.pairs if invoice.item]
        disputes = self.env["credit.dispute"].create(
            [self._prepare_dispute_vals(item, move) for item, move in items if item.disputed]
        )
        self.env["credit.promise"].create(
            [self._prepare_promise_vals(item, move) for item, move in items if item.promised]
        )
        self.env["credit.dunning.pause"].create(list(self._prepare_pauses_vals(items)))
        for item, move in items:
            if item.blocked:
                move.action_toggle_block_payment()
        self._decide_disputes(disputes, [item.outcome for item, _move in items if item.disputed])
        for customer, partner in zip(self.customers, self.partners, strict=True):
            self._record_story(customer, partner)

    def _record_story(self, customer, partner):
        if customer.plan:
            self._agree_plan(customer.plan, partner)
        if customer.procedure:
            self._open_procedure(customer.procedure, customer, partner)
        if customer.litigation:
            self._hand_over(customer.litigation, partner)

    def _collector_env(self):
        """Return the environment of the company's first collector, where there is one: the work is theirs."""
        users = self.env["res.users"].search(
            [
                ("group_ids", "in", self.env.ref("credit_control.group_collector").ids),
                ("company_ids", "in", self.company.ids),
            ],
            order="id",
            limit=1,
        )
        return self.env(user=users or self.env.user, context={"allowed_company_ids": self.company.ids})

    def _get_open_items(self, partner):
        """Return what is open of a customer's invoices, the first to fall due first."""
        moves = [move for invoice, move in self.pairs if invoice.item and move.partner_id == partner]
        return self._items(self.env["account.move"].union(*moves))

    # ------------------------------------------------------------ disputes, promises, pauses

    def _prepare_dispute_vals(self, item, move):
        return {
            "partner_id": move.commercial_partner_id.id,
            "company_id": self.company.id,
            "reason_id": self.env.ref(f"credit_control.reason_{item.reason}").id,
            "date": max(move.invoice_date, self._ago(max(item.late - 3, 1))),
            "deadline": self.today + timedelta(days=10),
            "line_ids": [
                Command.create({"move_line_id": line.id, "amount": 0 if item.disputed == ALL else item.disputed})
                for line in self._items(move)[:1]
            ],
        }

    def _prepare_promise_vals(self, item, move):
        lines = self._items(move)
        broken = item.promised_in < 0
        return {
            "partner_id": move.commercial_partner_id.id,
            "company_id": self.company.id,
            "date_recorded": self._ago(14 if broken else 2),
            "date": self.today + timedelta(days=item.promised_in),
            "amount": script.part(item.promised, sum(lines.mapped("amount_residual"))),
            "state": "broken" if broken else "open",
            "broken_on": self._ago(-item.promised_in - 4) if broken else False,
            "move_line_ids": [Command.set(lines.ids)],
        }

    def _prepare_pauses_vals(self, items):
        common = {"company_id": self.company.id, "date_end": self.today + timedelta(days=14)}
        for item, move in items:
            if item.paused:
                yield {**common, "move_id": move.id, "reason": "Attend un avoir du service commercial"}
        for customer, partner in zip(self.customers, self.partners, strict=True):
            if customer.paused:
                yield {**common, "partner_id": partner.id, "reason": "Reprise du magasin en cours"}

    def _decide_disputes(self, disputes, outcomes):
        """Decide each dispute by its buttons; a credit note that was made is posted and matched."""
        for dispute, outcome in zip(disputes.with_env(self._collector_env()), outcomes, strict=True):
            if outcome == "unjustified":
                dispute.action_close_unjustified(OUTCOMES[outcome])
            elif outcome:
                dispute.action_close_justified(OUTCOMES[outcome], credit="none" if outcome == "justified" else "make")
            if outcome == "credited":
                dispute.action_make_credit_note()
                self._match_credit_note(dispute)

    def _match_credit_note(self, dispute):
        refund = dispute.refund_ids.with_env(self.env)
        refund._post(soft=False)
        (self._items(dispute.line_ids.move_line_id.move_id.with_env(self.env)) + self._items(refund)).reconcile()

    # ------------------------------------------------------------ payment plans

    def _agree_plan(self, told, partner):
        """Agree a plan over the customer's oldest invoice, move it back to its days, and receive what was paid."""
        items = self._get_open_items(partner)[:1]
        plan = self._collector_env()["credit.payment.plan"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "move_line_ids": [Command.set(items.ids)],
                "count": told.count,
                "date_first": self.today + timedelta(days=PLAN_NOTICE),
                "contact_id": partner.child_ids[:1].id,
            }
        )
        plan.action_schedule()
        plan.action_agree()
        paid = plan.promise_ids.sorted("date")[: told.paid]
        self._pay([(items, -promise.amount, promise.date - self._get_shift(told)) for promise in paid])
        self._move_back(plan, told)

    def _get_shift(self, told):
        return timedelta(days=told.first_ago + PLAN_NOTICE)

    def _move_back(self, plan, told):
        """Move the days of a plan back. What was paid comes first, what was missed last: a miss ends the plan."""
        shift = self._get_shift(told)
        plan.write({"date_agreed": plan.date_agreed - shift, "date_first": plan.date_first - shift})
        for line in plan.line_ids:
            line.date -= shift
        promises = list(plan.promise_ids.sorted("date"))
        for promise in promises[: told.paid] + promises[told.paid :][::-1]:
            promise.write({"date": promise.date - shift, "date_recorded": promise.date_recorded - shift})

    # ------------------------------------------------------------ procedures and litigation

    def _ensure_partner(self, name):
        known = self.env["res.partner"].search([("name", "=", name), ("company_id", "=", self.company.id)], limit=1)
        return known or self.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "company_id": self.company.id,
                "email": "contact@etude.example",
                "street": "1 place de l'Exemple",
                "zip": "75001",
                "city": "Paris",
                "country_id": self.env.ref("base.fr").id,
                "lang": "fr_FR" if "fr_FR" in dict(self.env["res.lang"].get_installed()) else self.env.lang,
            }
        )

    def _open_procedure(self, told, customer, partner):
        insolvency = self._collector_env()["credit.insolvency"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "kind": told.kind,
                "date": self._ago(told.published_ago),
                "judgment_date": self._ago(told.judged_ago),
                "publication_date": self._ago(told.published_ago),
                "court": COURT.format(customer.city),
                "reference": f"{self._ago(told.judged_ago).year}J{partner.id:05}",
                "representative_id": self._ensure_partner(REPRESENTATIVE).id,
            }
        )
        if told.declared_ago:
            insolvency.declared_on = self._ago(told.declared_ago)
            insolvency.action_declare()

    def _hand_over(self, told, partner):
        """Prepare a file with all that is overdue, hand it over, write down its costs and what came in since."""
        litigation = self._collector_env()["credit.litigation"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "kind": told.kind,
                "handler_id": self._ensure_partner(told.handler).id,
                "date_opened": self._ago(told.handed_ago + 3),
                "date_deadline": self.today + timedelta(days=told.deadline_in),
                "cost_ids": [
                    Command.create({"name": name, "amount": amount, "is_recoverable": recoverable, "date": self.today})
                    for name, amount, recoverable in told.costs
                ],
            }
        )
        litigation.action_add_overdue()
        if told.handed_ago:
            litigation.date = self._ago(told.handed_ago)
            litigation.action_hand_over()
        if told.recovered:
            self._pay([(self._get_open_items(partner)[:1], -told.recovered, self._ago(told.handed_ago // 2))])
