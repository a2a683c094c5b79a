from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..core import delivery
from .company_day import company_today

# What a call comes to. A voicemail is a message left; where nobody answers, the call is still to be made.
REACHED = frozenset({"reached", "voicemail", "promise", "dispute", "refuses"})


class CreditDunningCall(models.AbstractModel):
    """What came of a notice: by a person for calls, decisions and registered letters; by mail servers."""

    _name = "credit.dunning.call"
    _description = "What people and mail servers tell of a notice"

    # -- calls --------------------------------------------------------------------------

    def action_record_call(self, outcome, minutes=0.0, note="", next_date=None, **details):
        """Write down what came of a call.

        :param outcome: a key of ``call_outcome``
        :param next_date: when to call again, where nobody answered; without it, tomorrow
        :param details: of a promise ``promise_date`` and ``promise_amount`` (the whole claim,
            without), ``contact`` who promised, ``confirm`` by a message; of a dispute ``dispute_reason_id``
            and ``dispute_parts`` (all of the claim, without)
        :return: the promise or dispute that was made, or the notice
        """
        self.ensure_one()
        self._expect({delivery.QUEUED, delivery.DRAFT, delivery.TO_APPROVE}, self.env._("This call isn't on the list."))
        self._expect_choice("call_outcome", outcome)
        self._apply({"call_outcome": outcome, "call_minutes": minutes, "call_note": note})
        if outcome == "no_answer":
            self._apply({"date_planned": next_date or company_today(self) + timedelta(days=1)})
            self.debtor_id._note_work(is_answered=False)
            return self
        self._freeze_call()
        if outcome in REACHED:
            self._record_done("reached")
        else:
            self._record_outcome(delivery.FAILED, "bounce")
        made = getattr(self, f"_follow_{outcome}", lambda **_details: self)(**details)
        self.debtor_id._note_work()
        return made

    def _freeze_call(self):
        """Keep whom the call was for."""
        reach = self.channel_id._get_handler()._reach(self.channel_id, self.debtor_id, self.step_id)[self.debtor_id.id]
        self._apply({"address": reach.address, "recipient_ids": [Command.set(reach.recipient_ids)]})

    def _record_done(self, reason):
        """A person has done it: it needs no approval of another."""
        self._apply({"state": delivery.QUEUED})
        self._record_outcome(delivery.SENT, reason)

    def _follow_promise(self, promise_date=None, promise_amount=None, contact=None, confirm=False, **_details):
        """Record what the customer promised on the phone."""
        if not promise_date:
            raise UserError(self.env._("When does the customer promise to pay?"))
        items = self._get_claimed_items().filtered(lambda item: item.amount_residual > 0)
        return self.env["credit.promise"]._declare(
            self.partner_id,
            items,
            promise_amount or min(self.amount_total, sum(items.mapped("amount_residual"))),
            promise_date,
            contact=contact,
            note=self.call_note,
            confirm=confirm,
            # A call of a run that is dated back was made in the run's own time.
            today=self.left_on,
        )

    def _follow_dispute(self, dispute_reason_id=None, dispute_parts=None, confirm=False, **_details):
        """Record what the customer disputes.

        :param dispute_parts: ``{id of the journal item: disputed part in company currency, 0 for all}``;
            without it, all that is claimed
        """
        if not dispute_reason_id:
            raise UserError(self.env._("Why does the customer dispute it?"))
        part_of = {int(item_id): part for item_id, part in (dispute_parts or {}).items()}
        items = self._get_claimed_items()
        return self.env["credit.dispute"]._open(
            {item: part_of.get(item.id, 0.0) for item in items if item.id in part_of or not part_of},
            self.env["credit.dispute.reason"].browse(dispute_reason_id),
            note=self.call_note,
            source="call",
            confirm=confirm,
        )

    def _get_claimed_items(self):
        return self.line_ids.filtered(lambda line: not line.is_credit).move_line_id

    # -- decisions ----------------------------------------------------------------------

    def action_record_decision(self, outcome, note=""):
        """Write down what was decided about these items: a key of ``decision_outcome``."""
        self._expect(
            {delivery.QUEUED, delivery.DRAFT, delivery.TO_APPROVE}, self.env._("This has been decided already.")
        )
        if set(self.step_id.mapped("kind")) - {"decision"}:
            raise UserError(self.env._("This is a message, not a decision."))
        self._expect_choice("decision_outcome", outcome)
        self._apply({"decision_outcome": outcome, "call_note": note})
        self._record_done("reached")
        self.debtor_id._note_work()
        return True

    def _expect_choice(self, name, value):
        """Refuse what isn't a key of the selection ``name``: say which notice and field, and what there is."""
        choices = self._fields[name]._description_selection(self.env)
        if value not in [key for key, _label in choices]:
            problem = f"“{value}” ≠ {' / '.join(label for _key, label in choices)}"
            field = self._fields[name]._description_string(self.env)
            record = self[:1].display_name
            raise UserError(
                self.env._("%(record)s, “%(field)s”: %(problem)s", record=record, field=field, problem=problem)
            )

    # -- registered letters -------------------------------------------------------------

    def action_record_deposit(self, number, deposited_on=None):
        """Write down the number of a registered letter, and the day on which it was posted."""
        self.ensure_one()
        self._expect({delivery.SENT, delivery.DELIVERED}, self.env._("Print the letter first."))
        self.write({"registered_number": number, "deposited_on": deposited_on or company_today(self)})
        return True

    def action_record_receipt(self, received_on, presented_on=None):
        """Write down when a registered letter was presented and received."""
        self.ensure_one()
        self._expect({delivery.SENT, delivery.DELIVERED}, self.env._("Print the letter first."))
        self.write({"received_on": received_on, "presented_on": presented_on or self.presented_on or received_on})
        self._record_outcome(delivery.DELIVERED)
        return True

    def action_record_return(self, note=""):
        """A letter came back, or a person knows that a message never arrived: its step is repeated."""
        self._expect(delivery.KEPT - {delivery.SENDING}, self.env._("Only what has left can come back."))
        self._record_outcome(delivery.BOUNCED, "bounce", note)
        return True

    # -- mail servers -------------------------------------------------------------------

    def _record_bounce(self, addresses, detail):
        """Record that the message came back from ``addresses``.

        Where another recipient has received it, the step is reached all the same; the address
        that failed isn't written to again.
        """
        self.ensure_one()
        notifications = self.mail_message_id.notification_ids
        hit = notifications.filtered(lambda known: known.mail_email_address in addresses)
        hit.write({"notification_status": "bounce", "failure_type": "mail_bounce", "failure_reason": detail})
        alive = notifications.filtered(lambda known: known.notification_status != "bounce")
        if not alive or not hit:
            self._record_outcome(delivery.BOUNCED, "bounce", detail)

    def _record_report(self, reports):
        """Record that a server says the message arrived; that it is late changes nothing."""
        if any(report.is_arrival for report in reports):
            self._record_outcome(delivery.DELIVERED, detail="; ".join(report.detail for report in reports))
