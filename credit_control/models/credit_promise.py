from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..core import delivery
from ..core.money import is_less, is_positive, round_to
from ..core.promises import DECIDED, KEPT
from .company_day import company_today

STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("partly_kept", "Partly kept"),
    ("broken", "Broken"),
    ("cancelled", "Cancelled"),
]
# How a promise reached us.
CHANNELS = [
    ("phone", "Phone"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("meeting", "Meeting"),
    ("portal", "Portal"),
    ("plan", "Payment plan"),
    ("other", "Other"),
]
# What decides whether it is kept.
TERMS = frozenset({"amount", "company_id", "date", "date_recorded", "move_line_ids"})


class CreditPromise(models.Model):
    """An amount that a customer promised to pay by a day, and the items it is for.

    What is promised isn't claimed until its day and the company's tolerance have passed. Whether
    it was kept is decided by itself: see ``core/promises.py``.
    """

    _name = "credit.promise"
    _description = "Promise to pay"
    _inherit = ["credit.promise.ledger", "credit.promise.evaluation", "credit.item.words", "mail.thread"]
    _order = "date, id"
    _check_company_auto = True

    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, help="The day by which the money is promised.")
    date_recorded = fields.Date(
        string="Recorded on",
        required=True,
        default=company_today,
        help="The day on which it was made: only payments from that day on keep it.",
    )
    amount = fields.Monetary(required=True, help="What was promised, in company currency.")
    state = fields.Selection(STATES, default="open", required=True, index=True, tracking=True, group_expand=True)
    amount_kept = fields.Monetary(
        string="Received",
        readonly=True,
        copy=False,
        help="Payments that count for it; no euro counts for two promises.",
    )
    amount_excluded = fields.Monetary(
        string="Settled otherwise",
        readonly=True,
        copy=False,
        help="What couldn't be paid for it: its items were credited or settled otherwise meanwhile, or paid before it "
        "was recorded.",
    )
    amount_left = fields.Monetary(
        string="Left", readonly=True, copy=False, help="What is still to come, or was missing in the end."
    )
    is_excluded = fields.Boolean(
        string="Excluded",
        readonly=True,
        copy=False,
        help="Cancelled by itself: nothing of what was promised was left to pay.",
    )
    broken_on = fields.Date(string="Broken on", readonly=True, copy=False)
    move_line_ids = fields.Many2many(
        "account.move.line", string="Items", help="What it is for; empty: all that the customer has open."
    )
    contact_id = fields.Many2one(
        "res.partner", string="Promised by", index="btree_not_null", ondelete="set null", help="Who promised."
    )
    channel = fields.Selection(CHANNELS, string="How", default="phone", required=True)
    user_id = fields.Many2one("res.users", string="Recorded by", default=lambda self: self.env.user, readonly=True)
    note = fields.Text()
    plan_id = fields.Many2one(
        "credit.payment.plan",
        string="Payment plan",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )
    ended_with_plan = fields.Boolean(
        string="Ended with its plan",
        readonly=True,
        copy=False,
        help="Cancelled because its payment plan ended: open again where that runs again.",
    )
    notice_ids = fields.One2many("credit.dunning.notice", "promise_id", string="Messages about it")
    confirmation_id = fields.Many2one(
        "credit.dunning.notice", compute="_compute_confirmation_id", help="The message that confirmed it."
    )
    move_ids = fields.Many2many("account.move", string="Invoices", compute="_compute_move_ids")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A promise is about more than nothing.")
    _date_bounded = models.Constraint(
        "CHECK (date <= date_recorded + 36500)", "A promise is for a day within a hundred years."
    )

    @api.depends("partner_id", "amount", "date")
    def _compute_display_name(self):
        for promise in self:
            amount = promise.currency_id.format(promise.amount) if promise.currency_id else promise.amount
            promise.display_name = f"{promise.partner_id.display_name or ''} – {amount}"

    @api.depends("notice_ids.state")
    def _compute_confirmation_id(self):
        for promise in self:
            promise.confirmation_id = promise.notice_ids.filtered(
                lambda notice: notice.purpose == "promise_confirmed" and notice.state not in delivery.DEAD
            )[:1]

    @api.depends("move_line_ids")
    def _compute_move_ids(self):
        for promise in self:
            promise.move_ids = promise.move_line_ids.move_id

    @api.constrains("contact_id", "partner_id")
    def _check_contact(self):
        for promise in self.filtered("contact_id"):
            if promise.contact_id.commercial_partner_id != promise.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s doesn't belong to %(customer)s: choose one of their contacts.",
                        contact=promise.contact_id.display_name,
                        customer=promise.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the promise on the commercial partner; without items it is for all that is open."""
        promises = super().create([{"amount_left": vals.get("amount"), **vals} for vals in vals_list])
        for promise in promises.filtered(
            lambda promise: promise.partner_id.commercial_partner_id != promise.partner_id
        ):
            promise.partner_id = promise.partner_id.commercial_partner_id
        for promise in promises.filtered(lambda promise: not promise.move_line_ids):
            promise.move_line_ids = promise._get_open_lines()
        for company, made in promises.grouped("company_id").items():
            self.env["credit.debtor"]._note_work_on(made.partner_id, company)
        return promises

    def write(self, vals):
        """Decide again where the terms change.

        :raise UserError: where more than is open of the items would be promised
        """
        result = super().write(vals)
        if TERMS & vals.keys():
            # What can't be stored is refused before it is compared.
            self.flush_recordset()
            self._reconsider(self.move_line_ids.ids)
            self._check_changed()
        return result

    def _check_changed(self):
        """Refuse what a person couldn't have declared either."""
        for promise in self.filtered(lambda promise: promise.state == "open" and not promise.env.su):
            owed = sum(promise.move_line_ids.mapped("amount_residual")) + promise.amount_kept
            if is_less(owed, promise.amount, promise.currency_id.rounding):
                raise UserError(
                    self.env._("Amount: no more than %s is open on these invoices.", promise.currency_id.format(owed))
                )
            if promise.date < promise.date_recorded:
                raise UserError(self.env._("To be paid by: no day before the promise was made."))

    def _get_open_lines(self):
        domain = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("amount_residual", ">", 0),
            ("non_trade", "=", False),
        ]
        return self.env["credit.open.item"].search(domain).move_line_id

    # -- buttons ------------------------------------------------------------------------

    def action_open_invoices(self):
        """Open the documents that it is for."""
        return self.move_ids._get_records_action(name=self.env._("Invoices"))

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        debtor = self.partner_id.with_company(self.company_id).credit_debtor_id
        return debtor._get_records_action(name=self.env._("Debtor"))

    def action_open_notices(self):
        """Open the messages about it."""
        return self.notice_ids._get_records_action(name=self.env._("Messages"))

    def action_cancel(self):
        """Take the promise back: its items are claimed again.

        :raise UserError: where it has been decided already
        """
        decided = self.filtered(lambda promise: promise.state not in ("open", "cancelled"))[:1]
        if decided:
            raise UserError(self.env._("%s has been decided: only an open promise is cancelled.", decided.display_name))
        planned = self.filtered("plan_id")[:1]
        if planned:
            raise UserError(self.env._("%s is an instalment: cancel the payment plan instead.", planned.display_name))
        self._withdraw()
        return True

    def _withdraw(self):
        """What is left of these isn't promised any more."""
        if self:
            self.write({"state": "cancelled", "amount_left": 0.0})
            # What they had received may keep another.
            self._reconsider(self.move_line_ids.ids)

    def action_confirm(self):
        """Confirm open promises to the customers by a message, once each.

        :raise UserError: where one isn't open, or no address of the customer works
        """
        self.check_access("write")
        over = self.filtered(lambda promise: promise.state != "open")[:1]
        if over:
            raise UserError(self.env._("%s isn't open any more: there is nothing to confirm.", over.display_name))
        for promise in self:
            if not promise._confirm() and not promise.confirmation_id:
                raise UserError(
                    self.env._("%s can't be written to: no address of theirs works.", promise.partner_id.display_name)
                )
        return True

    def _confirm(self):
        """Queue the message that confirms these promises; return the notices."""
        notices = self.env["credit.dunning.notice"]._queue_about(self, "promise_confirmed")
        self.invalidate_recordset(["confirmation_id"])
        return notices

    def _get_speaker(self):
        """Return the colleague in whose name a message about the promise speaks: who recorded it, if a colleague."""
        return self.user_id.filtered(lambda user: user._is_internal() and user != self.env.ref("base.user_root"))

    # -- declare ------------------------------------------------------------------------

    @api.model
    def _declare(
        self,
        partner,
        items,
        amount,
        date,
        *,
        currency=None,
        contact=None,
        channel="phone",
        note="",
        confirm=False,
        today=None,
    ):
        """Record what a customer promises, and return the promise.

        The one way in for calls, answers, screens and the portal. It may be called with ``sudo()``
        for a visitor: whatever was put in is checked here, and items of anybody else than
        ``partner`` are refused. The same promise twice on one day (a double click) is one.

        :param partner: the customer, or one of their contacts
        :param items: ``account.move.line`` records: open receivable items of that customer in one company
        :param amount: more than nothing; no more than is open of the items, less what is promised already
        :param date: today or later, up to the company's limit
        :param currency: of ``amount``; the company's, without
        :param contact: the ``res.partner`` who promised, where known
        :param channel: a key of ``CHANNELS``
        :param confirm: whether to confirm it to the customer by a message
        :param today: the day on which it was made, where it isn't today: a call of a run that is dated back
        :raise UserError: names what is wrong, in words that the customer may read
        """
        partner, today = partner.commercial_partner_id, today or company_today(self)
        terms = self._check_declared(partner, items, amount, currency, date, today)
        twin = self._find_twin(partner, items, terms["amount"], terms["date"], today)
        if twin:
            return twin
        self._check_declared_amount(items.company_id, items, terms["amount"])
        told = {"contact_id": contact and contact.id, "channel": channel, "note": note}
        promise = self.create(terms | told)
        promise._tell_recorded()
        if confirm:
            promise._confirm()
        return promise

    def _check_declared(self, partner, items, amount, currency, date, today):
        """Return the terms of a promise as values, the amount in company currency; lock the customer.

        :raise UserError: names what is wrong
        """
        self._check_declared_items(partner, items)
        company = items.company_id
        self._lock_customer(partner, company)
        return {
            "partner_id": partner.id,
            "company_id": company.id,
            "date": self._check_declared_date(company, date, today),
            "date_recorded": today,
            "amount": self._get_company_amount(company, items, amount, currency),
            "move_line_ids": items.ids,
        }

    def _check_declared_items(self, partner, items):
        open_items = items.exists().filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.account_id.account_type == "asset_receivable"
                and line.partner_id.commercial_partner_id == partner
                and line.amount_residual > 0
            )
        )
        if not items or open_items != items or len(items.company_id) > 1:
            raise UserError(self.env._("Choose open invoices of %s: one of these isn't, or is paid.", partner.name))

    def _check_declared_date(self, company, date, today):
        """Return ``date`` as a date, where a promise may be for it."""
        try:
            day = fields.Date.to_date(date)
        except ValueError:
            day = None
        last = fields.Date.add(today, days=company.credit_promise_max_days)
        if not day or day < today:
            raise UserError(self.env._("To be paid by: choose today or a later day."))
        if day > last:
            raise UserError(
                self.env._("To be paid by: %s is the latest day that can be promised.", format_date(self.env, last))
            )
        return day

    def _get_company_amount(self, company, items, amount, currency):
        """Return ``amount`` in company currency: in the items' own proportion where they are in its currency."""
        try:
            amount = float(amount or 0.0)
        except (TypeError, ValueError):
            amount = 0.0
        if currency and currency != company.currency_id:
            residual, foreign = sum(items.mapped("amount_residual")), sum(items.mapped("amount_residual_currency"))
            if items.currency_id == currency and foreign:
                amount *= residual / foreign
            else:
                amount = currency._convert(amount, company.currency_id, company, company_today(self))
        # Neither "not a number" nor infinity is an amount.
        if not is_positive(amount, company.currency_id.rounding) or amount == float("inf"):
            raise UserError(self.env._("Amount: more than nothing must be promised."))
        return round_to(amount, company.currency_id.rounding)

    @api.model
    def _get_document_amount(self, items, amount, company):
        """Return (amount, currency) as the customer of ``items`` reads an amount of the company's currency.

        In the currency of their documents, where they have one of their own, at the rate of the items themselves.
        """
        items, ours = items.sudo(), company.currency_id
        if len(items.currency_id) != 1 or items.currency_id == ours:
            return amount, ours
        owed, foreign = sum(items.mapped("amount_residual")), sum(items.mapped("amount_residual_currency"))
        if not owed:
            owed, foreign = sum(items.mapped("balance")), sum(items.mapped("amount_currency"))
        return items.currency_id.round(amount * foreign / owed if owed else amount), items.currency_id

    def _check_declared_amount(self, company, items, amount):
        owed = sum(items.mapped("amount_residual"))
        open_items = self.env["credit.open.item"].sudo().search([("move_line_id", "in", items.ids)])
        promised = sum(open_items.mapped("amount_promised"))
        if is_less(owed, amount, company.currency_id.rounding):
            raise UserError(
                self.env._("Amount: no more than %s is open on these invoices.", company.currency_id.format(owed))
            )
        if is_less(owed - promised, amount, company.currency_id.rounding):
            raise UserError(
                self.env._(
                    "Amount: %(promised)s of the %(owed)s open on these invoices are promised already. Cancel the "
                    "earlier promise first, or promise the rest.",
                    promised=company.currency_id.format(promised),
                    owed=company.currency_id.format(owed),
                )
            )

    def _find_twin(self, partner, items, amount, date, today):
        """Return the open promise of ``today`` that says the same; empty where there is none."""
        known = self.search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", items.company_id.id),
                ("date", "=", date),
                ("date_recorded", "=", today),
                ("state", "=", "open"),
            ]
        )
        return known.filtered(
            lambda promise: (
                promise.move_line_ids == items and not promise.currency_id.compare_amounts(promise.amount, amount)
            )
        )[:1]

    def _lock_customer(self, partner, company):
        """Let two requests of one customer pass one after the other: the later is replayed and finds the earlier."""
        debtor = self.env["credit.debtor"].sudo()._ensure(company, partner.ids)
        self.env.execute_query(
            SQL("UPDATE credit_debtor SET write_date = write_date WHERE id = %s RETURNING id", debtor.id)
        )

    # -- words --------------------------------------------------------------------------

    def _tell_recorded(self):
        """Write a line in the customer's thread."""
        debtor = self.env["credit.debtor"].sudo()._ensure(self.company_id, self.partner_id.ids)
        debtor._message_log(
            body=self.env._(
                "Promised: %(promise)s, by %(how)s.",
                promise=self._get_link(),
                how=dict(self._fields["channel"]._description_selection(self.env))[self.channel].lower(),
            )
        )

    def _warn_unconfirmed(self):
        """Return the action that tells that the promise is recorded, but can't be confirmed."""
        message = self.env._(
            "The promise is recorded, but can't be confirmed: no address of %s works.", self.partner_id.display_name
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "warning", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }

    def _get_link(self):
        """Return "2 000 € by 10 March" as a link to the promise."""
        words = self.env._(
            "%(amount)s by %(date)s",
            amount=self.currency_id.format(self.amount),
            date=format_date(self.env, self.date),
        )
        return self._get_html_link(title=words)

    def _get_outcome_note(self):
        """Return what the threads say of a promise that was decided."""
        received, link = self.currency_id.format(self.amount_kept), self._get_link()
        if self.is_excluded:
            return self.env._("Promise of %s: nothing of it was left to pay, it counts neither way.", link)
        if self.state == "kept":
            return self.env._("Promise kept: %s.", link)
        if self.state == "partly_kept":
            return self.env._(
                "Promise partly kept: %(promise)s. Received: %(received)s.", promise=link, received=received
            )
        if self.state == "broken":
            return self.env._("Promise broken: %s. Nothing was received.", link)
        return self.env._("Promise open again: %s. What had kept it was taken back.", link)

    @api.model
    def _join_notes(self, notes):
        return Markup("<br/>").join(notes)

    # -- figures ------------------------------------------------------------------------

    @api.model
    def _get_reliability(self, customers, company):
        """Return ``{commercial partner id: (kept, decided)}``, customers without a decided promise left out.

        :param customers: ``credit.debtor`` or ``res.partner`` records
        """
        partners = customers.partner_id if customers._name == "credit.debtor" else customers.commercial_partner_id
        counted = self._count_decided(company, partners.ids)
        return {partner_id: (kept, decided) for partner_id, (kept, decided) in counted.items() if decided}

    @api.model
    def _count_decided(self, company, partner_ids, since=None, until=None):
        """Return ``{commercial partner id: (kept, decided)}`` of the promises for days after ``since``, to ``until``.

        Cancelled promises don't count; a partly kept one counts as not kept. Who has only open ones has (0, 0).
        """
        self.flush_model(["company_id", "date", "partner_id", "state"])
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        query = SQL(
            """
            SELECT partner.commercial_partner_id,
                   COUNT(*) FILTER (WHERE promise.state = %(kept)s),
                   COUNT(*) FILTER (WHERE promise.state = ANY(%(decided)s))
              FROM credit_promise promise
              JOIN res_partner partner ON partner.id = promise.partner_id
             WHERE promise.company_id = %(company)s
               AND promise.state = ANY(%(counted)s)
               AND promise.date > COALESCE(%(since)s::date, '-infinity')
               AND promise.date <= COALESCE(%(until)s::date, 'infinity')
               AND partner.commercial_partner_id = ANY(%(partners)s)
             GROUP BY 1
            """,
            kept=KEPT,
            decided=sorted(DECIDED),
            counted=[*sorted(DECIDED), "open"],
            company=company.id or None,
            since=since,
            until=until,
            partners=list(partner_ids),
        )
        return {partner_id: (kept, decided) for partner_id, kept, decided in self.env.execute_query(query)}
