import logging
from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..core import answers, backoff, delivery
from ..gateways.abstract import Message

_logger = logging.getLogger(__name__)

# First key of the advisory locks by which a sender holds what it hands over; the second is the delivery.
SENDER_LOCK = 0x43534D53
OUTCOME_ATTEMPTS = 5
# What a delivery's state is for Odoo's queue.
SMS_STATES = {
    delivery.WAITING: "outgoing",
    delivery.SENDING: "process",
    delivery.SENT: "pending",
    delivery.DELIVERED: "sent",
    delivery.FAILED: "error",
    delivery.UNCERTAIN: "error",
}


class CreditSmsDelivery(models.Model):
    """One SMS that was handed to a provider, or is about to be: at most once, never lost.

    How it works. What is about to leave is committed as ``sending`` by a sender that holds it by an advisory lock,
    then handed over, then what became of it is committed. What stands as ``sending`` while nobody holds it was left
    behind by a sender that died: it may have left, so it becomes ``uncertain`` and only a person sends it again;
    where the gateway sends each key once, it is sent again with the same key.
    """

    _name = "credit.sms.delivery"
    _description = "Sent SMS"
    _order = "id desc"
    _rec_name = "number"

    uuid = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    gateway_id = fields.Many2one("credit.sms.gateway", readonly=True, index=True, ondelete="set null")
    sms_id = fields.Many2one("sms.sms", string="SMS", readonly=True, index="btree_not_null", ondelete="set null")
    notice_id = fields.Many2one("credit.dunning.notice", readonly=True, index="btree_not_null", ondelete="set null")
    partner_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null", ondelete="set null")
    number = fields.Char(readonly=True, index=True)
    parts = fields.Integer(readonly=True, aggregator="sum", help="What the message counts for on the bill.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Float(readonly=True, digits=(12, 4), help="In the company's currency.")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sending", "Being sent"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("uncertain", "Uncertain"),
        ],
        required=True,
        readonly=True,
        index=True,
        help="Uncertain: it may have left, nobody knows; it isn't sent again by itself.",
    )
    failure = fields.Char(readonly=True)
    detail = fields.Char(readonly=True, help="What the provider said.")
    reference = fields.Char(readonly=True, index="btree_not_null", help="The provider's name of the message.")
    attempts = fields.Integer(readonly=True)
    is_open = fields.Boolean(
        string="May have left",
        readonly=True,
        help="A try broke off: it is repeated under the same key by the same gateway only, which sends it once.",
    )
    outcome_at = fields.Datetime(string="Outcome on", readonly=True)

    _uuid_once = models.Constraint("UNIQUE (uuid)", "Each SMS is handed over once.")

    # -- the queue ----------------------------------------------------------------------

    @api.model
    def _send_sms(self, gateway, sms, down=None):
        """Hand over ``sms`` of one company through ``gateway``; what somebody else holds is left to them.

        :param down: the :class:`Result` that told that nothing gets through; then the gateway isn't asked again
        :return: such a result, where there was one
        """
        # Where it can't be opened, nothing is marked as being sent.
        provider = None if down else gateway._open()
        with self._hold_claimed(gateway, sms) as claimed:
            if not claimed:
                return down
            messages = [Message(*values) for values in claimed._get_messages()]
            down = down or gateway._get_rest()
            results = [down.of(one.uuid) for one in messages] if down else provider.send(messages)
            claimed._conclude(results)
        return next((result for result in results if result.is_general), None)

    @contextmanager
    def _hold_claimed(self, gateway, sms):
        """Commit as ``sending`` what of ``sms`` is still to be sent, and hold it while the block runs.

        :raise SerializationFailure: where another sender was faster; nothing is held then
        """
        claimed = self.browse()
        try:
            with self._own_transaction():
                due = sms.try_lock_for_update().filtered_domain([("state", "=", "outgoing"), ("to_delete", "=", False)])
                claimed = self._claim(gateway, due)
                claimed._lock()
            yield claimed
        finally:
            claimed._unlock()

    @api.model
    def _claim(self, gateway, sms):
        known = self.search([("uuid", "in", sms.mapped("uuid"))])
        lost = known._leave_to_a_person(gateway)
        again = known - lost
        for row in again:
            row.write({"state": delivery.SENDING, "attempts": row.attempts + 1, "gateway_id": gateway.id})
        uuids = set(known.mapped("uuid"))
        new = self.create([self._prepare_vals(gateway, one) for one in sms if one.uuid not in uuids])
        (sms - lost.sms_id).write({"state": "process", "failure_type": False})
        return again + new

    def _leave_to_a_person(self, gateway):
        """Give up, and return, what may have left through a gateway that isn't asked now: it would leave twice."""
        lost = self.filtered("is_open")
        if lost and gateway._sends_once():
            lost = lost.filtered(lambda row: row.gateway_id != gateway)
        lost._record(delivery.UNCERTAIN, answers.MAYBE)
        # Whoever queued it again: it doesn't stay there.
        lost._tell_sms(delivery.UNCERTAIN, answers.MAYBE)
        return lost

    def _start_afresh(self):
        """Forget former tries: a person asks for another, and answers for what may have left."""
        self.write({"attempts": 0, "is_open": False})

    @api.model
    def _prepare_vals(self, gateway, sms, **values):
        parts = self.env["sms.sms"]._credit_encode(sms.body).parts
        return {
            "uuid": sms.uuid,
            "company_id": gateway.company_id.id or self.env.company.id,
            "gateway_id": gateway.id,
            "sms_id": sms.id,
            "partner_id": sms.partner_id.id,
            "number": sms.number,
            "parts": parts,
            "cost": parts * gateway.price,
            "state": delivery.SENDING,
            "attempts": 1,
            **values,
        }

    def _get_messages(self):
        """Return what is handed over of each: uuid, number, text, encoding, sender."""
        senders = {number: self.gateway_id[:1]._get_sender(number) for number in set(self.mapped("number"))}
        for row in self:
            text = self.env["sms.sms"]._credit_encode(row.sms_id.body)
            yield row.uuid, row.number or "", text.text, text.encoding, senders[row.number]

    # -- what became of it --------------------------------------------------------------

    def _conclude(self, results):
        """Record ``results``, again where a report is writing the same rows."""
        for attempt in range(1, OUTCOME_ATTEMPTS + 1):
            try:
                with self._own_transaction():
                    self._lock_rows()
                    self._record_results(results)
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                _logger.info("Recording what became of %s SMS, attempt %s", len(self), attempt)
        _logger.error("What became of %s SMS can't be recorded: they will be uncertain", len(self))

    def _lock_rows(self):
        """Take the rows in one order: reports come for them meanwhile."""
        query = SQL("SELECT id FROM credit_sms_delivery WHERE id = ANY(%s) ORDER BY id FOR UPDATE", self.ids)
        self.env.flush_all()
        # Who comes second is repeated by whoever called, and that is no error.
        self.env.cr.execute(query, log_exceptions=False)
        self.env.invalidate_all()

    def _record_results(self, results):
        by_uuid = self.grouped("uuid")
        groups, waits = {}, {}
        for result in results:
            row = by_uuid[result.uuid]
            row._name_reference(result.reference)
            state, failure = row._get_outcome(result)
            groups.setdefault((state, failure, result.detail), self.browse())
            groups[state, failure, result.detail] += row
            if result.is_open:
                row.is_open = True
            if state == delivery.WAITING:
                waits[row.id] = backoff.wait(row.attempts, result.wait, result.is_general)
        for (state, failure, detail), rows in groups.items():
            rows._record(state, failure, detail)
        self.browse(waits)._postpone(waits)
        self.gateway_id._rest(results)
        self._take_early()

    def _name_reference(self, reference):
        """Keep under which name the provider will report."""
        if reference:
            self.reference = reference

    def _take_early(self):
        """Take the reports that came before it was known which message they are about."""
        self.env["credit.sms.early.report"]._take(self)

    def _get_outcome(self, result):
        """Return (state, failure) of what a gateway answered: what could be tried again is, for some time.

        What is refused now may have left by a try before.
        """
        state = result.state
        if state == answers.RETRY:
            given_up = backoff.wait(self.attempts, result.wait, result.is_general) is None
            state = delivery.FAILED if given_up else delivery.WAITING
        if state == delivery.FAILED and (self.is_open or result.is_open):
            return delivery.UNCERTAIN, answers.MAYBE
        return state, result.failure

    def _postpone(self, waits):
        """Try these again after so many seconds each."""
        now = fields.Datetime.now()
        for row in self:
            row.sms_id.credit_retry_at = now + timedelta(seconds=waits[row.id])
        if self:
            moment = now + timedelta(seconds=min(waits.values()))
            self.env.ref("sms.ir_cron_sms_scheduler_action")._trigger(at=moment)

    def _record(self, state, failure="", detail=""):
        """Record what became of these, where it is news; return those for which it is.

        News may be repeated and arrive in any order.
        """
        news = self.filtered(lambda row: delivery.counts(row.state, state))
        if not news:
            return news
        vals = {"state": state, "failure": failure, "detail": detail, "outcome_at": fields.Datetime.now()}
        news.write(vals)
        news._tell_sms(state, failure)
        news._tell_notices(state, detail)
        news.company_id._credit_warn_of_sms_budget()
        return news

    def _take_report(self, state, detail):
        """Record what the provider reports."""
        self._lock_rows()
        return self._record(state, "sms_not_delivered" if state == delivery.FAILED else "", detail)

    def _tell_sms(self, state, failure):
        """Pass it on to Odoo's queue and to what it tracks."""
        sms_state = SMS_STATES[state]
        known = dict(self.env["sms.sms"]._fields["failure_type"].selection)
        failure = (failure if failure in known else "unknown") if sms_state == "error" else False
        rows = self.sms_id
        rows.write({"state": sms_state, "failure_type": failure, "to_delete": sms_state in ("pending", "sent")})
        trackers = self.env["sms.tracker"].with_context(credit_sms_told=True, sms_skip_msg_notification=True)
        trackers = trackers.search([("sms_uuid", "in", self.mapped("uuid"))])
        trackers._action_update_from_sms_state(sms_state, failure_type=failure)

    def _tell_notices(self, state, detail):
        """A notice was delivered, or comes back: its step is repeated through another channel."""
        outcome = {delivery.SENT: "sent", delivery.DELIVERED: "delivered", delivery.FAILED: "bounced"}.get(state)
        # While it is being sent, its own sender is about to say so.
        notices = self.notice_id.filtered(lambda notice: outcome and notice.state != "sending")
        if outcome == "bounced":
            notices._record_outcome("bounced", "bounce", detail)
        elif outcome:
            notices._record_outcome(outcome)

    # -- what was left behind -----------------------------------------------------------

    @api.model
    def _sweep(self):
        """Find what a sender that died left behind; what a report is just being written on is left to the next run."""
        try:
            self._sweep_left_behind()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("What was left behind is being written by others, the next run looks at it again")

    @api.model
    def _sweep_left_behind(self):
        """Settle what stands as ``sending`` while nobody holds it; notices have a sweep of their own."""
        self.env["credit.sms.early.report"]._take_all()
        self._give_up_cancelled()
        found = self.search([("state", "=", delivery.SENDING), ("notice_id", "=", False)])
        if not found:
            return
        self._end_transaction()
        held = found._lock()
        try:
            # Read in a transaction that is younger than the lock: who was alive a moment ago has committed by now.
            self._end_transaction()
            self.env.invalidate_all()
            with self._own_transaction():
                left = held.filtered(lambda row: row.state == delivery.SENDING)
                again = left.filtered(lambda row: row.gateway_id.active and row.gateway_id._sends_once())
                again.is_open = True
                again._record(delivery.WAITING)
                (left - again)._record(delivery.UNCERTAIN, answers.MAYBE)
        finally:
            held._unlock()

    @api.model
    def _give_up_cancelled(self):
        """What waits for another try while its SMS was cancelled or deleted is not tried again."""
        domain = Domain("state", "=", delivery.WAITING) & Domain("notice_id", "=", False)
        cancelled = self.search(domain & (Domain("sms_id", "=", False) | Domain("sms_id.state", "=", "canceled")))
        for is_open, rows in cancelled.grouped("is_open").items():
            state = delivery.UNCERTAIN if is_open else delivery.FAILED
            rows.write({"state": state, "detail": self.env._("Cancelled"), "outcome_at": fields.Datetime.now()})

    # -- locks and transactions ---------------------------------------------------------

    def _lock(self):
        """Hold these by the database session, and return those that nobody else holds."""
        if not self:
            return self
        query = SQL("SELECT id FROM unnest(%s::int[]) id WHERE pg_try_advisory_lock(%s, id)", self.ids, SENDER_LOCK)
        return self.browse(id_ for (id_,) in self.env.execute_query(query))

    def _unlock(self):
        if self:
            self.env.execute_query(
                SQL("SELECT pg_advisory_unlock(%s, id) FROM unnest(%s::int[]) id", SENDER_LOCK, self.ids)
            )

    @contextmanager
    def _own_transaction(self):
        with self.env["credit.dunning.notice"]._own_transaction():
            yield

    @api.model
    def _end_transaction(self):
        self.env["credit.dunning.notice"]._end_transaction()
