import errno
import logging
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

import psycopg2

from odoo import api, fields, models, modules
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, split_every
from odoo.tools.mail import generate_tracking_message_id

from ..channels.abstract import Content, Outcome, Reach, TransportDown
from ..core import delivery
from .credit_dunning_guard import Terms

_logger = logging.getLogger(__name__)

# First key of the advisory locks by which a sender holds its notices; the second is the notice.
SENDER_LOCK = 0x43524E54
# Notices that a sender holds at a time: prepared together, sent one by one (or few by few, as the channel says).
BATCH = 100
# What a person's click sends at once; the rest is left to the cron.
INLINE_LIMIT = 200
# How often a sender tries to write down what became of a message, where others write the same row.
OUTCOME_ATTEMPTS = 5
# What is read of a notice that is being sent; its other texts and counts stay where they are.
TAKEN = (
    "company_id",
    "partner_id",
    "debtor_id",
    "policy_id",
    "run_id",
    "channel_id",
    "step_id",
    "user_id",
    "promise_id",
    "dispute_id",
    "purpose",
    "state",
    "is_edited",
)
# What the machine has run out of: no notice's fault, and none fails for it.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


@dataclass
class Prepared:
    """What is made ready for a batch before each notice has its own transaction."""

    contents: dict[int, Content | Exception] = field(default_factory=dict)
    reaches: dict[int, Reach | Exception] = field(default_factory=dict)
    references: dict[int, str] = field(default_factory=dict)
    handlers: dict[int, str] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)
    # Recipients and attachments that each notice has already.
    links: dict[int, tuple] = field(default_factory=dict)


class Sending:
    """One run of a sender: the connections that its batches share, and the channels that are down."""

    def __init__(self, stack):
        self._stack = stack
        self._transports = {}
        self.down = set()

    def get_transport(self, handler):
        """Return the open transport of ``handler``, opened the first time that it is needed."""
        if handler._name not in self._transports:
            self._transports[handler._name] = self._stack.enter_context(handler._open_transport())
        return self._transports[handler._name]


class CreditDunningDelivery(models.AbstractModel):
    """The sender: at most once, never lost.

    How it works. A sender *holds* its notices by session-level advisory locks, which end with
    its database connection whatever becomes of it. For each notice, one transaction takes the
    row (its first statement), reads the items again, freezes the text and commits the notice
    as ``sending``; only then the message is handed over; a second transaction records what
    became of it. A notice that stands as ``sending`` while nobody holds it was left behind by
    a sender that died: it may have left, so it becomes ``uncertain``, for a person to settle.
    """

    _name = "credit.dunning.delivery"
    _description = "Sender of notices"

    # -- entry points -------------------------------------------------------------------

    @api.model
    def _cron_send(self, now=None):
        """Send what is queued, in the hours of its policy. Several crons may do so side by side.

        :param now: the moment (UTC, naive); without it the clock's, looked at before each batch
        """
        self._sweep()
        for (company,) in self.sudo()._read_group([("state", "=", "queued")], ["company_id"]):
            notices = self.sudo().with_company(company)
            if notices._note_block(company):
                continue
            notices._note_bank(company)
            if not notices._send_all(company, now):
                break

    def _send_now(self):
        """Send those of these notices that are queued: a person asks for it, whatever the hour.

        What a person carries out (calls, decisions) stays queued. What is more than fits in a
        click is left to the cron; letters aren't, who prints them waits for them. The caller's
        transaction ends here: each notice has its own.
        """
        self.check_access("write")
        self._end_transaction()
        todo = self.sudo().filtered(lambda notice: notice.state == "queued" and not notice.channel_id.is_manual)
        for company, notices in todo.grouped("company_id").items():
            notices = notices.with_company(company)
            if not notices._note_block(company):
                notices._send_inline()
        return True

    def _send_inline(self):
        printed = self.filtered("channel_id.is_printed")
        others = self - printed
        todo = printed.ids + others.ids[:INLINE_LIMIT]
        with ExitStack() as stack:
            sending = Sending(stack)
            for start in range(0, len(todo), BATCH):
                self._send_ids(todo[start : start + BATCH], sending)
        if len(others) > INLINE_LIMIT:
            self.env.ref("credit_control.cron_send")._trigger()

    @api.model
    def _send_all(self, company, now=None):
        """Send what of ``company`` may leave, batch by batch; False where the cron's time is up."""
        last = 0
        self._report(remaining=self.search_count(self._get_sendable_domain(company, now)))
        with ExitStack() as stack:
            sending = Sending(stack)
            while ids := self._get_next_ids(company, now, last):
                last = ids[-1]
                self._send_ids(ids, sending)
                if not self._report(len(ids)):
                    return False
        return True

    @api.model
    def _get_next_ids(self, company, now, last):
        """Return the next batch after notice ``last``; the window may have closed since the one before."""
        domain = [*self._get_sendable_domain(company, now), ("id", ">", last)]
        return self.search(domain, limit=BATCH, order="id").ids

    def _send_ids(self, ids, sending):
        """Send those of a batch that nobody else holds."""
        with self._hold(ids) as held:
            prepared = held._prepare_batch()
            for name, notices in held.grouped(lambda notice: prepared.handlers[notice.id]).items():
                handler = self.env[name]
                for together in split_every(handler._get_batch_size(), notices.ids, self.browse):
                    together._send_together(handler, prepared, sending)

    # -- one notice, or few -------------------------------------------------------------

    def _send_together(self, handler, prepared, sending):
        """Send notices that we hold and that their channel hands over together (mostly one)."""
        taken = self.browse(notice.id for notice in self if notice._make_ready(handler, prepared, sending))
        if taken:
            taken._deliver(handler.with_context(credit_transport=sending.get_transport(handler)), sending)

    def _make_ready(self, handler, prepared, sending):
        """Return whether this notice stands as ``sending`` now. Never raises for what is wrong with it alone."""
        if handler._name in sending.down:
            return False
        try:
            handler = handler.with_context(credit_transport=sending.get_transport(handler))
            with self._own_transaction():
                return self._take(prepared, handler)
        except TransportDown as error:
            sending.down.add(handler._name)
            _logger.warning("%s is down, its notices stay queued: %s", handler._description, error)
            self._note(error)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Notice %s is being changed by somebody else, it stays queued", self.id)
        except UserError as error:
            # A text or a set-up that a person can repair: the notice says what.
            self._conclude(handler, Outcome("failed", "template_error", str(error)))
        except Exception as error:  # whatever is wrong with it must not stop the others
            self._give_up(handler, error, sending)
        return False

    def _give_up(self, handler, error, sending):
        """Let a notice fail that can't be made ready; where that is the machine's fault, all of them wait."""
        if self.env.cr.closed:
            # The database is gone, and with it what holds the notices: who comes next begins anew.
            raise error
        if isinstance(error, psycopg2.errors.DiskFull) or getattr(error, "errno", None) in FULL:
            sending.down.add(handler._name)
            _logger.error("No space is left, notices stay queued: %s", error)
            self._note(error)
            return
        _logger.error("Notice %s can't be made ready", self.id, exc_info=error)
        self._conclude(handler, Outcome("failed", "template_error", str(error)))

    def _take(self, prepared, handler):
        """Commit-to-be: the notice as ``sending``, looked at again and frozen; False where it isn't sent."""
        if not self._lock_queued():
            return False
        if not self._can_commit():
            # Inside a test, what was read before is in the cache still.
            self.env.invalidate_all()
        self.fetch(TAKEN)
        verdict = self._review(prepared.terms[self.id])
        if verdict.reason:
            self._record_outcome("cancelled", verdict.reason)
            return False
        if verdict.is_changed and self.is_edited:
            self._record_outcome("to_approve", "claim_changed")
            return False
        return self._take_reviewed(prepared, handler, verdict)

    def _take_reviewed(self, prepared, handler, verdict):
        reach = self._raise_if_error(prepared.reaches[self.id])
        if reach.reason:
            self._record_outcome("cancelled", reach.reason)
            return False
        content = prepared.contents.get(self.id)
        if verdict.is_changed and not self.is_edited:
            content = handler._render(self)[self.id]
        self._freeze(self._raise_if_error(content), reach, prepared.links[self.id])
        handler._prepare(self, content, prepared.references.get(self.debtor_id.id))
        return True

    def _lock_queued(self):
        """Take the row for this transaction, where it still is to be sent and nobody is changing it."""
        return self.env.execute_query(
            SQL(
                "SELECT id FROM credit_dunning_notice WHERE id = %s AND state = 'queued' FOR UPDATE SKIP LOCKED",
                self.id,
            )
        )

    def _raise_if_error(self, value):
        if isinstance(value, Exception):
            raise value
        return value

    def _freeze(self, content, reach, known=((), ())):
        """Keep the message as it leaves.

        :param known: recipients and attachments that the notice has already
        """
        links = zip(
            ("recipient_ids", "attachment_ids"), (reach.recipient_ids, content.attachment_ids), known, strict=True
        )
        self._apply(
            {
                "state": delivery.SENDING,
                "reason": False,
                "detail": False,
                "address": reach.address,
                "subject": content.subject,
                "body": content.body,
                "message_ref": generate_tracking_message_id(f"{self.debtor_id.id}-credit.debtor"),
                **{name: [fields.Command.set(ids)] for name, ids, has in links if tuple(ids) != tuple(has)},
            }
        )

    def _deliver(self, handler, sending):
        """Hand over what stands as ``sending``, and record what became of it."""
        try:
            outcomes = handler._send_all(self)
        except Exception as error:  # it may have left: nobody knows
            _logger.exception("Handing over notice %s was interrupted", ", ".join(map(str, self.ids)))
            outcomes = dict.fromkeys(self.ids, Outcome("uncertain", "interrupted", str(error)))
        for notice in self:
            outcome = outcomes[notice.id]
            if outcome.state == delivery.QUEUED:
                sending.down.add(handler._name)
            notice._conclude(handler, outcome)

    def _conclude(self, handler, outcome):
        """Record ``outcome``, again where others are writing the same row."""
        for attempt in range(1, OUTCOME_ATTEMPTS + 1):
            try:
                with self._own_transaction():
                    self._record_outcome(outcome.state, outcome.reason, outcome.detail)
                    handler._after(self, outcome)
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                _logger.info("Recording %s of notice %s, attempt %s", outcome.state, self.id, attempt)
            except Exception:
                _logger.exception("What became of notice %s (%s) can't be recorded", self.id, outcome.state)
                break
        self._conclude_simply(outcome)

    def _conclude_simply(self, outcome):
        """Record the bare state where the follow-up failed; else the sweep will find it."""
        try:
            with self._own_transaction():
                self._record_outcome(outcome.state, outcome.reason, outcome.detail)
        except Exception:
            _logger.exception("Notice %s is left as it is", self.id)

    # -- batch --------------------------------------------------------------------------

    def _prepare_batch(self):
        """Make ready for all notices what doesn't need a transaction for each: texts, recipients, threads."""
        prepared = Prepared()
        with self._own_transaction():
            for channel, notices in self.grouped("channel_id").items():
                handler = channel._get_handler()
                prepared.handlers.update(dict.fromkeys(notices.ids, handler._name))
                prepared.contents.update(self._render_each(handler, notices))
                for step, group in notices.grouped("step_id").items():
                    prepared.reaches.update(group._reach_each(handler, channel, step))
            for notice in self.filtered("is_edited"):
                prepared.contents[notice.id] = notice._put_own_words(prepared.contents[notice.id])
            prepared.links = {notice.id: (notice.recipient_ids.ids, notice.attachment_ids.ids) for notice in self}
            prepared.references = self._get_references()
            prepared.terms = {
                notice.id: terms
                for _key, notices in self.grouped(lambda notice: (notice.company_id, notice.policy_id)).items()
                for terms in (notices[:1]._get_terms(),)
                for notice in notices
            }
        return prepared

    def _put_own_words(self, content):
        """Return ``content`` with what a person wrote and attached in place of the template's."""
        if isinstance(content, Exception):
            content = Content()
        return replace(
            content,
            subject=self.subject or content.subject,
            body=self.body or content.body,
            attachment_ids=content.attachment_ids or tuple(self.attachment_ids.ids),
            text="" if self.body else content.text,
        )

    @api.model
    def _render_each(self, handler, notices):
        """Return ``{notice id: Content or error}``; a handler that breaks over one doesn't take the others along."""
        if not notices:
            return {}
        try:
            with self.env.cr.savepoint():
                return handler._render(notices)
        except Exception as error:
            if len(notices) == 1:
                return {notices.id: error}
        contents = {}
        for notice in notices:
            contents.update(self._render_each(handler, notice))
        return contents

    def _reach_each(self, handler, channel, step):
        try:
            with self.env.cr.savepoint():
                reaches = handler._reach(channel, self.debtor_id, step)
        except Exception as error:
            return dict.fromkeys(self.ids, error)
        return {notice.id: reaches[notice.debtor_id.id] for notice in self}

    def _get_references(self):
        """Return ``{debtor id: Message-ID}`` of the last message that left, so that mail clients show one thread."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (debtor_id) debtor_id, message_ref
                  FROM credit_dunning_notice
                 WHERE debtor_id = ANY(%s) AND state IN ('sent', 'delivered') AND mail_message_id IS NOT NULL
                 ORDER BY debtor_id, sent_at DESC
                """,
                self.debtor_id.ids,
            )
        )
        return dict(rows)

    # -- holding ------------------------------------------------------------------------

    @contextmanager
    def _hold(self, ids):
        """Hold those of ``ids`` that no other session holds, while the block runs."""
        held = self.browse(
            id_
            for (id_,) in self.env.execute_query(
                SQL("SELECT id FROM unnest(%s::int[]) id WHERE pg_try_advisory_lock(%s, id)", list(ids), SENDER_LOCK)
            )
        )
        try:
            yield held
        except BaseException:
            self._abandon_transaction()
            raise
        finally:
            release = SQL("SELECT pg_advisory_unlock(%s, id) FROM unnest(%s::int[]) id", SENDER_LOCK, held.ids)
            self.env.execute_query(release)

    @api.model
    def _sweep(self):
        """Find what a sender that died left as ``sending``: it may have left, so a person decides.

        A channel that can ask its transport settles it by itself.
        """
        notices = self.sudo()
        found = notices.search([("state", "=", "sending")]).ids
        if not found:
            return
        self._end_transaction()
        with notices._hold(found) as held:
            # The state is read in a transaction that is younger than the hold: a sender that
            # was alive a moment ago has committed what became of its notice by now.
            self._end_transaction()
            with self._own_transaction():
                left = held._lock_left_behind()
                left._record_outcome("uncertain", "interrupted")
            for notice in left:
                notice._settle_by_itself()

    def _lock_left_behind(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM credit_dunning_notice WHERE id = ANY(%s) AND state = 'sending' FOR UPDATE SKIP LOCKED",
                self.ids,
            )
        )
        self.env.invalidate_all()
        return self.browse(id_ for (id_,) in rows)

    def _settle_by_itself(self):
        """Ask the transport what became of an uncertain notice, where it can say; again where it is just being told."""
        for _attempt in range(OUTCOME_ATTEMPTS):
            try:
                with self._own_transaction():
                    outcome = self.channel_id._get_handler()._settle(self)
                    if outcome:
                        self._record_outcome(outcome.state, outcome.reason, outcome.detail)
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                _logger.info("What became of notice %s is just being written, it is asked for again", self.id)
            except Exception:
                _logger.exception("The transport of notice %s can't be asked", self.id)
                return
        _logger.error("The transport of notice %s can't be asked: others write to it all the time", self.id)

    # -- nothing leaves -----------------------------------------------------------------

    @api.model
    def _get_block(self, company):
        """Return why nothing leaves ``company`` at all; None where it may."""
        if self._is_neutralized():
            return "neutralized"
        return "test_mode" if company.credit_test_mode else None

    @api.model
    def _is_neutralized(self):
        """Whether this database is a copy that must not reach anybody."""
        return bool(self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"))

    def _note_block(self, company):
        """Write on what is queued why it stays so; return whether nothing leaves."""
        block = self._get_block(company)
        if block:
            queued = self or self.search([("company_id", "=", company.id), ("state", "=", "queued")])
            queued.filtered(lambda notice: notice.reason != block)._apply({"reason": block})
            self._end_transaction()
        return bool(block)

    @api.model
    def _note_bank(self, company):
        """Write on the reminders that wait for the bank why they do; take it off once they don't."""
        queued = Domain("company_id", "=", company.id) & Domain("state", "=", "queued") & Domain("step_id", "!=", False)
        by_itself = Domain("channel_id.is_manual", "=", False) & Domain("channel_id.is_printed", "=", False)
        if self._get_bank_domain(company):
            waiting = self.search(queued & by_itself & Domain("reason", "!=", "bank_stale"))
            waiting._apply({"reason": "bank_stale"})
        else:
            self.search(queued & Domain("reason", "=", "bank_stale"))._apply({"reason": False})
        self._end_transaction()

    def _note(self, error):
        """Write on a notice that stays queued what keeps it."""
        try:
            with self._own_transaction():
                if self._lock_queued():
                    self._apply({"reason": "transport_error", "detail": str(error)})
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            _logger.info("Notice %s is being changed by somebody else", self.id)

    # -- transactions -------------------------------------------------------------------

    @api.model
    def _can_commit(self):
        """Whether transactions are ours to end: not inside a test, which rolls all back."""
        return not modules.module.current_test

    @contextmanager
    def _own_transaction(self):
        """Run the block in a transaction of its own, committed at its end; inside a test, in a savepoint."""
        if not self._can_commit():
            with self.env.cr.savepoint():
                yield
            return
        try:
            yield
            self._commit()
        except BaseException:
            self.env.cr.rollback()
            raise

    @api.model
    def _end_transaction(self):
        if self._can_commit():
            self._commit()
        else:
            self.env.flush_all()

    @api.model
    def _commit(self):
        """Commit and say nothing to the cron, which counts batches."""
        self.env["ir.cron"].with_context(ir_cron_progress_id=False)._commit_progress()

    @api.model
    def _abandon_transaction(self):
        if self._can_commit():
            self.env.cr.rollback()

    @api.model
    def _report(self, done=0, remaining=None):
        """Tell the cron how far we are; False where its time is up."""
        if not self._can_commit():
            return True
        return self.env["ir.cron"]._commit_progress(done, remaining=remaining)
