from dataclasses import replace

from odoo import fields, models
from odoo.fields import Domain

from ..core import delivery, guard, ladder, reasons, routing
from ..core.money import is_positive
from .company_day import company_today
from .credit_dunning_message_attachment import print_each

PLAN_REPORT = "credit_control.action_report_payment_plan"

# What a message says of a promise; the library has a text of that name.
PURPOSES = [
    ("promise_confirmed", "Promise confirmed"),
    ("instalment_due", "Instalment announced"),
    ("plan_agreed", "Payment plan agreed"),
]


class CreditPromiseNotice(models.AbstractModel):
    """Messages about a promise: they answer no step, claim nothing, and leave once at most.

    They are notices like any other: sent in the hours of the policy, kept as they were sent, held
    back in test mode. What the guard asks of them differs: is the promise still open?
    """

    _name = "credit.promise.notice"
    _description = "Messages about promises"

    promise_id = fields.Many2one("credit.promise", index="btree_not_null", ondelete="restrict", readonly=True)
    purpose = fields.Selection(PURPOSES, readonly=True, help="What it says of a promise.")
    title = fields.Char(compute="_compute_title", help="Its step, or what it says.")

    def _compute_title(self):
        labels = dict(self._fields["purpose"]._description_selection(self.env))
        for notice in self:
            notice.title = notice.step_id.name or labels.get(notice.purpose) or notice.template_id.name

    # -- write --------------------------------------------------------------------------

    def _queue_about(self, promises, purpose):
        """Queue a message about each of ``promises``, where a channel reaches the customer and none has left yet.

        :return: the notices; who can't be reached has none
        """
        notices = self.sudo()
        known = notices.search_fetch(
            [("promise_id", "in", promises.ids), ("purpose", "=", purpose), ("state", "not in", list(delivery.DEAD))],
            ["promise_id"],
        )
        vals_list = []
        for company, of_company in (promises - known.promise_id).grouped("company_id").items():
            vals_list += notices.with_company(company)._prepare_about(company, of_company, purpose)
        queued = notices.create(vals_list)
        if queued:
            self.env.ref("credit_control.cron_send")._trigger()
        return queued

    def _prepare_about(self, company, promises, purpose):
        """Return the values of the notices about ``promises`` of one company."""
        debtors = self.env["credit.debtor"].sudo()._ensure(company, promises.partner_id.ids)
        policy_of = debtors._get_policies()
        routes = self._route_about(debtors)
        lines = self._prepare_about_lines(company, promises)
        template = self.env.ref(f"credit_control.text_mail_{purpose}")
        letter = self.env.ref(f"credit_control.text_letter_{purpose}")
        debtor_of = {debtor.partner_id: debtor for debtor in debtors}
        vals_list = []
        for promise in promises:
            debtor = debtor_of[promise.partner_id.commercial_partner_id]
            channel, reach = routes[debtor.id]
            if channel:
                vals_list.append(
                    {
                        "company_id": company.id,
                        "partner_id": debtor.partner_id.id,
                        "debtor_id": debtor.id,
                        "policy_id": policy_of[debtor.id],
                        "channel_id": channel.id,
                        "template_id": (letter if channel.is_printed else template).id,
                        "promise_id": promise.id,
                        "purpose": purpose,
                        "state": "queued",
                        "mode": "auto",
                        "date": company_today(self),
                        "user_id": (debtor.responsible_id or promise._get_speaker()).id,
                        "address": reach.address,
                        "recipient_ids": [fields.Command.set(reach.recipient_ids)],
                        "amount_total": promise.amount_left,
                        "line_ids": [
                            fields.Command.create({**lines[line.id], "channel_id": channel.id})
                            for line in promise.move_line_ids
                            if line.id in lines
                        ],
                    }
                )
        return vals_list

    def _route_about(self, debtors):
        """Return ``{debtor id: (channel, reach)}``: the customer's own channel, e-mail, or what stands in for it."""
        channels = self.env["credit.channel"].sudo().search([("active", "=", True), ("is_manual", "=", False)])
        email = self.env.ref("credit_control.channel_email")
        reaches = {channel.id: channel._get_handler()._reach(channel, debtors) for channel in channels}
        found = {}
        for debtor in debtors:
            routes, _reason = routing.route(
                (email.id,),
                {channel.id: channel.fallback_id.id for channel in channels if channel.fallback_id in channels},
                lambda channel_id, debtor=debtor: (
                    reaches[channel_id][debtor.id].reason if channel_id in reaches else reasons.NO_CONTACT
                ),
                debtor.preferred_channel_id.id,
                frozenset(email.ids),
            )
            channel = channels.browse(routes[0].channel if routes else [])
            found[debtor.id] = (channel, reaches[channel.id][debtor.id] if channel else None)
        return found

    def _prepare_about_lines(self, company, promises):
        """Return ``{item: values of a line}`` that shows the item; it advances no step."""
        items = self.env["credit.open.item"].sudo().search([("move_line_id", "in", promises.move_line_ids.ids)])
        return {item.id: self._prepare_about_line(company, item) for item in items if item.amount_residual > 0}

    def _prepare_about_line(self, company, item):
        rate = item.amount_residual_currency / item.amount_residual
        held = item.amount_disputed + item.amount_promised
        return {
            "company_id": company.id,
            "move_line_id": item.id,
            "live": False,
            "occurrence": 0,
            "reference": item.reference or "–",
            "date": item.date,
            "date_due": item.date_maturity,
            "currency_id": item.currency_id.id,
            "amount": item.currency_id.round((item.amount_residual - held) * rate),
            "amount_company": item.amount_residual - held,
            "amount_original": item.move_line_id.amount_currency,
            "amount_disputed": item.currency_id.round(item.amount_disputed * rate),
            "amount_promised": item.currency_id.round(item.amount_promised * rate),
        }

    # -- look again ---------------------------------------------------------------------

    def _review(self, terms=None):
        """A message about a promise leaves where the promise still stands; what it shows isn't claimed."""
        if not self.promise_id:
            return super()._review(terms)
        return guard.Verdict(self.promise_id.amount_left, self._get_promise_refusal())

    def _get_promise_refusal(self):
        """Return why a message about a promise shouldn't leave any more; None where it may."""
        promise, today = self.promise_id, company_today(self)
        if promise.state != "open":
            return reasons.SETTLED if promise.state == "kept" else "promise_over"
        # What falls due later may be spoken of in a procedure, item by item; a promise of before it may not.
        of_items = self.purpose == "instalment_due"
        ask = self.debtor_id._get_blocks if of_items else self.debtor_id._get_message_blocks
        blocks = ask(today).get(self.debtor_id.id, set())
        if blocks or not of_items:
            return reasons.leading(blocks)
        return self._get_items_refusal(promise)

    def _get_items_refusal(self, promise):
        """Return what holds all items of an instalment back; None where one may be spoken of."""
        known = self._read_open_items()
        rounding = self.company_id.currency_id.rounding
        items = [known[line_id] for line_id in promise.move_line_ids.ids if line_id in known]
        if not items:
            return reasons.SETTLED
        held = [
            item.holds | ({reasons.DISPUTED} if not is_positive(item.residual - item.disputed, rounding) else set())
            for item in items
        ]
        return reasons.leading(set().union(*held)) if all(held) else None

    # -- words --------------------------------------------------------------------------

    def _gather_promises(self):
        """Return ``{notice id: the promise that its text speaks of}``, in one query.

        The promise that it is about; where it answers a broken promise, the last that was broken for one of
        its items; else the customer's last.
        """
        promises = self.env["credit.promise"].sudo()
        found = promises.search(
            Domain("state", "in", ("open", "broken"))
            & Domain("partner_id", "in", self.partner_id.ids)
            & Domain("company_id", "in", self.company_id.ids),
            order="date_recorded, id",
        )
        by_customer = found.grouped(lambda promise: (promise.partner_id.id, promise.company_id.id))
        return {
            notice.id: notice.promise_id.sudo()
            or notice._pick_promise(by_customer.get((notice.partner_id.id, notice.company_id.id), promises))
            for notice in self
        }

    def _pick_promise(self, promises):
        if self.step_id.delay_basis != ladder.PROMISE_BROKEN:
            return promises[-1:]
        items = self.line_ids.move_line_id
        broken = promises.filtered(lambda promise: promise.state == "broken" and promise.move_line_ids & items)
        return broken.sorted(lambda promise: (promise.broken_on or promise.date, promise.id))[-1:]

    def _prepare_promise_values(self, promise):
        """Return the values by which a text speaks of ``promise``; empty where there is none."""
        return {
            "promise_date": self._text_date(promise and promise.date),
            "promise_amount": self._text_promised(promise, promise.amount) if promise else "",
            "promise_left": self._text_promised(promise, promise.amount_left) if promise else "",
            "plan_rows": [self._prepare_instalment(line, promise) for line in promise.plan_id.line_ids.sorted("date")],
        }

    def _text_promised(self, promise, amount):
        return self._text_amount(*promise._get_document_amount(promise.move_line_ids, amount, promise.company_id))

    def _prepare_instalment(self, line, promise):
        """Return an instalment as the customer reads it; the one that is spoken of stands out."""
        return {
            "date": self._text_date(line.date),
            "amount": self._text_promised(promise, line.amount),
            "state": self.env._("paid") if line.state == "kept" else "",
            "is_current": line.promise_id == promise,
        }

    def _prepare_payment_values(self, parts, payable):
        """Where a promise is spoken of, what is to be paid is what is left of it, not what is asked."""
        if self.promise_id:
            parts = self._ask_promised(parts)
        return super()._prepare_payment_values(parts, payable)

    def _ask_promised(self, parts):
        """Return ``parts`` as if what is left of the promise were asked; of other currencies nothing is."""
        promise = self.promise_id.sudo()
        left, currency = promise._get_document_amount(promise.move_line_ids, promise.amount_left, promise.company_id)
        promised = sum(part.promised for part in parts if part.currency == currency)
        share = left / promised if promised else 0.0
        return [
            replace(
                part,
                rows=tuple(
                    replace(row, asked=part.currency.round(row.promised * share))
                    for row in part.rows
                    if part.currency == currency
                ),
            )
            for part in parts
        ]

    def _get_enclosures(self):
        agreed = [self.env._("payment plan")] if self.purpose == "plan_agreed" else []
        return agreed + super()._get_enclosures()

    # -- files --------------------------------------------------------------------------

    def _prepare_attachments(self, contents):
        """The agreement of a payment plan goes along with the message that tells of it."""
        found = super()._prepare_attachments(contents)
        agreed = self.filtered(lambda notice: notice.purpose == "plan_agreed" and notice.id in found)
        plans = agreed.promise_id.plan_id
        pdfs = print_each(self.env["ir.actions.report"].sudo(), PLAN_REPORT, plans.ids)
        for notice in agreed:
            pdf = pdfs.get(notice.promise_id.plan_id.id)
            if pdf:
                found[notice.id] += notice._store_plan(pdf).ids
        return found

    def _store_plan(self, pdf):
        """Store the agreement with the notice, in place of that of an earlier attempt."""
        name = self.with_context(lang=self._get_text_lang()).env._("Payment plan.pdf")
        attachments = self.env["ir.attachment"].sudo()
        vals = {"name": name, "mimetype": "application/pdf", "res_model": self._name, "res_id": self.id}
        attachments.search([(key, "=", value) for key, value in vals.items()]).unlink()
        return attachments.create({**vals, "raw": pdf})
