from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..core import exposure, limits
from ..core.limits import Grant
from .company_day import companies_by_day, company_today
from .language import in_language_of

# What only the buttons change, each with its own right: not the form, not an import, not RPC.
GUARDED = {
    "applied_on",
    "decided_by_id",
    "decided_on",
    "follows_default",
    "is_in_force",
    "origin",
    "previous_amount",
    "replaced_by_id",
    "state",
    "user_id",
}
# What a limit is about: changed while it is asked for, never afterwards.
TERMS = {"amount", "company_id", "date_from", "date_to", "partner_id"}


class CreditLimit(models.Model):
    """A credit limit that was asked for, granted, refused or written directly: the whole history of a customer's.

    What it is: a row for each limit. The figure that everything compares with is core's own
    ``res.partner.credit_limit``, of the commercial partner in the row's company; it is written from
    the row that holds today. Whoever writes that field directly leaves a row here.

    How it works: a lasting limit replaces the one before it. A temporary one goes before it
    while it runs, and gives way to it again. :meth:`_refresh` brings states and figures up to a day.
    """

    _name = "credit.limit"
    _description = "Credit limit"
    _inherit = ["credit.limit.proposal", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(required=True, tracking=True, help="In company currency.")
    zero_means = fields.Selection(related="company_id.credit_limit_zero", string="A limit of zero means")
    date_from = fields.Date(string="From", required=True, default=company_today, tracking=True, help="Its first day.")
    date_to = fields.Date(string="Until", tracking=True, help="The last day of a temporary limit. Empty: lasting.")
    state = fields.Selection(
        [("requested", "Requested"), ("approved", "Approved"), ("refused", "Refused"), ("expired", "Expired")],
        default="requested",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    origin = fields.Selection(
        [("request", "Request"), ("direct", "Written directly"), ("start", "As found")],
        default="request",
        required=True,
        readonly=True,
        help="Asked for and decided; written on the customer's form, by an import or a program; or what the first "
        "temporary limit found.",
    )
    previous_amount = fields.Monetary(
        string="Previous amount", readonly=True, help="The figure that it took the place of."
    )
    follows_default = fields.Boolean(
        string="Follows the default",
        readonly=True,
        help="The company's default limit, whatever that becomes: written as equal to it.",
    )
    reason = fields.Text(help="Why it is asked for.")
    user_id = fields.Many2one(
        "res.users", string="Asked by", default=lambda self: self.env.user, readonly=True, tracking=True
    )
    decided_by_id = fields.Many2one("res.users", string="Decided by", readonly=True, tracking=True)
    decided_on = fields.Datetime(string="Decided on", readonly=True)
    decision_reason = fields.Text(string="Why so decided", tracking=True, help="Needed for a refusal.")
    applied_on = fields.Date(string="Applied on", readonly=True, help="Since when the customer's figure is this one.")
    is_in_force = fields.Boolean(
        string="In force", readonly=True, copy=False, help="The customer's figure is written from this one."
    )
    replaced_by_id = fields.Many2one("credit.limit", string="Replaced by", readonly=True, index="btree_not_null")
    review_date = fields.Date(string="Review by", tracking=True, help="The day by which somebody looks at it again.")
    may_decide = fields.Boolean(
        string="May decide", compute="_compute_may_decide", help="Whether you may approve this amount."
    )
    limit_now = fields.Char(string="Limit today", compute="_compute_now", help="What holds until this is decided.")
    exposure_now = fields.Monetary(string="At risk today", compute="_compute_now")
    debtor_id = fields.Many2one("credit.debtor", compute="_compute_debtor_id")

    _amount_positive = models.Constraint("CHECK (amount >= 0)", "A credit limit is 0 or more.")
    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "A temporary limit ends on its first day or later."
    )

    @api.depends("partner_id", "amount", "date_from", "date_to")
    def _compute_display_name(self):
        for limit in self:
            amount = limit.currency_id.format(limit.amount) if limit.currency_id else limit.amount
            limit.display_name = f"{limit.partner_id.display_name or ''} – {amount}"

    @api.depends("amount", "company_id", "state")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        levels = self.env["credit.limit.level"]
        for limit in self:
            granted = exposure.limit_of(limit.amount, limit.zero_means)
            limit.may_decide = limit.state == "requested" and levels._may_approve(
                self.env.user, limit.company_id, granted
            )

    @api.depends("partner_id", "company_id")
    def _compute_now(self):
        for limit in self:
            partner = limit.partner_id.with_company(limit.company_id)
            limit.limit_now, limit.exposure_now = partner.credit_limit_words, partner.credit_exposure

    @api.depends("partner_id", "company_id")
    def _compute_debtor_id(self):
        for limit in self:
            limit.debtor_id = limit.partner_id.with_company(limit.company_id).credit_debtor_id

    # -- what may be written --------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create requests, on the commercial partner; who isn't the system can't create anything else."""
        if not self.env.su:
            vals_list = [{name: vals[name] for name in vals if name not in GUARDED} for vals in vals_list]
        partners = self.env["res.partner"]
        for vals in vals_list:
            if vals.get("partner_id"):
                vals["partner_id"] = partners.browse(vals["partner_id"]).commercial_partner_id.id
        return super().create(vals_list)

    def write(self, vals):
        """Refuse what only the buttons do, and any change to the terms of a limit that is decided."""
        if not self.env.su:
            if guarded := GUARDED & set(vals):
                names = ", ".join(
                    self._fields[name].get_description(self.env, ["string"])["string"] for name in guarded
                )
                raise AccessError(self.env._("%(fields)s of a credit limit are changed by its buttons.", fields=names))
            if TERMS & set(vals):
                self._require_state("requested")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_requests_only(self):
        if any(limit.state != "requested" for limit in self):
            raise UserError(self.env._("The history of credit limits is kept: only requests can be deleted."))

    @api.constrains("partner_id", "company_id", "date_from", "date_to", "state")
    def _check_overlap(self):
        for limit in self.filtered(lambda limit: limit.date_to and limit.state in ("requested", "approved")):
            other = self.search(
                [
                    ("id", "!=", limit.id),
                    ("partner_id", "=", limit.partner_id.id),
                    ("company_id", "=", limit.company_id.id),
                    ("state", "in", ("requested", "approved")),
                    ("date_to", ">=", limit.date_from),
                    ("date_from", "<=", limit.date_to),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has a temporary limit of %(amount)s from %(start)s until %(end)s already: two of "
                        "them can't overlap. Choose other dates, or end that one first.",
                        customer=limit.partner_id.display_name,
                        amount=other.currency_id.format(other.amount),
                        start=other.date_from,
                        end=other.date_to,
                    )
                )

    def _require_state(self, state):
        """Raise where one of these isn't in ``state``: somebody else may have decided it meanwhile."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for limit in self:
            if limit.state != state:
                raise UserError(
                    self.env._(
                        "%(limit)s is %(state)s already.", limit=limit.display_name, state=labels[limit.state].lower()
                    )
                )

    # -- buttons ----------------------------------------------------------------------------

    def action_approve(self):
        """Grant these limits, as far as the user may; those that begin today or before hold at once."""
        self._begin_decision()
        for limit in self:
            limit._require_level()
        months = {company: company.sudo().credit_limit_review_months for company in self.company_id}
        for limit in self:
            review = limit.review_date or limit._get_review_date(months[limit.company_id])
            limit._decide("approved", review_date=review)
        return self._apply()

    def action_refuse(self):
        """Refuse these limits; each says why."""
        self._begin_decision()
        for limit in self:
            limit._require_level()
            if not (limit.decision_reason or "").strip():
                raise UserError(self.env._("Say why %(limit)s is refused.", limit=limit.display_name))
        for limit in self:
            limit._decide("refused")
        return True

    def action_end(self):
        """End limits: a temporary one gives way to the lasting one, a lasting one to the company's default."""
        self._begin_decision("approved")
        for limit in self:
            limit._require_level()
        for limit in self:
            limit._decide("expired")
        return self._apply()

    def action_reviewed(self):
        """Put the next review off by what the company's settings say, from today."""
        self.check_access("write")
        today = company_today(self)
        for limit in self:
            months = limit.company_id.sudo().credit_limit_review_months
            limit.sudo().review_date = today + relativedelta(months=months) if months else False
        self.activity_feedback(["mail.mail_activity_data_todo"])
        return True

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        return self.debtor_id._get_records_action()

    def _begin_decision(self, state="requested"):
        """Let only one user decide at a time, each limit once."""
        self.check_access("write")
        self.sudo().lock_for_update()
        self.invalidate_recordset(["state"])
        self._require_state(state)

    def _require_level(self):
        """Raise where the user may not grant this amount."""
        granted = exposure.limit_of(self.amount, self.zero_means)
        if not self.env["credit.limit.level"]._may_approve(self.env.user, self.company_id, granted):
            raise AccessError(
                self.env._(
                    "You may not decide on a limit of %(amount)s for %(customer)s: it is above your level.",
                    amount=self.currency_id.format(self.amount),
                    customer=self.partner_id.display_name,
                )
            )

    def _decide(self, state, **values):
        """Write down who decided what, and tell who had asked."""
        self.sudo().write(
            {"state": state, "decided_by_id": self.env.uid, "decided_on": fields.Datetime.now(), **values}
        )
        if self.user_id and self.user_id != self.env.user:
            self.sudo().message_notify(
                partner_ids=self.user_id.partner_id.ids,
                subject=self.display_name,
                body=self._get_decision_words(),
            )

    def _get_decision_words(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(limit)s: %(state)s. %(reason)s",
            limit=self.display_name,
            state=labels[self.state],
            reason=self.decision_reason or "",
        )

    def _get_review_date(self, months):
        """Return the day of the review of a lasting limit; a temporary one ends by itself."""
        if not months or self.date_to:
            return False
        return max(self.date_from, company_today(self)) + relativedelta(months=months)

    def _apply(self):
        """Bring the figures of these customers up to today."""
        today = company_today(self)
        for company, rows in self.grouped("company_id").items():
            self.env["credit.limit"].sudo()._refresh(company, rows.partner_id, today)
        return True

    # -- states and figures on a day --------------------------------------------------------

    @api.model
    def _refresh(self, company, partners, day):
        """Bring states and core's figure of these commercial partners in ``company`` up to ``day``.

        Called with the rights of the system: whoever may decide has decided.
        """
        own = Domain("company_id", "=", company.id) & Domain("partner_id", "in", partners.ids)
        alive = Domain("state", "in", ("requested", "approved")) | Domain("is_in_force", "=", True)
        rows = self.search(own & alive)
        ended = rows.filtered(lambda row: row.date_to and row.date_to < day and row.state != "expired")
        ended.write({"state": "expired"})
        for partner, of_partner in rows.grouped("partner_id").items():
            of_partner._refresh_one(partner.with_company(company), day)

    def _refresh_one(self, partner, day):
        """Let the one of these limits that holds on ``day`` be the figure of ``partner``.

        Where none holds and none did, the figure is what somebody wrote before there was a history: it stays.
        """
        approved = self.filtered(lambda row: row.state == "approved")
        rows = {row.id: row for row in approved}
        grants = [row._get_grant() for row in approved]
        holding = limits.effective(grants, day)
        lasting = limits.effective([grant for grant in grants if not grant.date_to], day)
        for grant in limits.replaced(grants, day):
            rows[grant.id].write({"state": "expired", "replaced_by_id": lasting.id})
        in_force = self.filtered("is_in_force")
        if holding:
            rows[holding.id]._keep_what_was(partner, lasting)
            rows[holding.id]._become_figure(partner, day, in_force)
        elif in_force:
            self._create_default(partner, day)._become_figure(partner, day, in_force)

    def _get_grant(self):
        return Grant(self.id, self.amount, self.date_from, self.date_to or None)

    def _keep_what_was(self, partner, lasting):
        """Write down the figure that a first temporary limit finds, to come back to it."""
        if not self.date_to or lasting or self.applied_on:
            return
        figure = partner.credit_limit
        follows = figure == self._get_default(self.company_id)
        self.create(self._prepare_start(partner, figure, self.date_from, follows))

    def _create_default(self, partner, day):
        """Write down that a customer has no limit of its own any more."""
        return self.create(self._prepare_start(partner, self._get_default(partner.env.company), day, True))

    @api.model
    def _prepare_start(self, partner, figure, day, follows_default):
        return {
            "partner_id": partner.id,
            "company_id": partner.env.company.id,
            "amount": figure,
            "date_from": day,
            "state": "approved",
            "origin": "start",
            "follows_default": follows_default,
            "user_id": self.env.uid,
        }

    def _become_figure(self, partner, day, in_force):
        """Write this limit to core's field; it stands as the one in force before, so that the write isn't logged."""
        (in_force - self).write({"is_in_force": False})
        if not self.is_in_force:
            self.write({"is_in_force": True})
        if not self.applied_on:
            self.write({"applied_on": day, "previous_amount": partner.credit_limit})
        amount = self._get_default(self.company_id) if self.follows_default else self.amount
        if partner.credit_limit != amount:
            partner.credit_limit = amount

    @api.model
    def _get_default(self, company):
        """Return the limit of customers who have none of their own in ``company``: core's setting."""
        partners = self.env["res.partner"].with_company(company)
        return partners._fields["credit_limit"].get_company_dependent_fallback(partners) or 0.0

    # -- direct writes ----------------------------------------------------------------------

    @api.model
    def _get_holding(self, company, partner_ids, day):
        """Return ``{commercial partner id: the limit that holds on the day}`` in one query."""
        rows = self.search(
            [("company_id", "=", company.id), ("partner_id", "in", list(partner_ids)), ("state", "=", "approved")]
        )
        holding = {}
        for partner, own in rows.grouped("partner_id").items():
            if grant := limits.effective([row._get_grant() for row in own], day):
                holding[partner.id] = self.browse(grant.id)
        return holding

    @api.model
    def _check_direct(self, partners, figure):
        """Raise where ``figure`` can't be written directly as the limit of ``partners`` by this user."""
        company = self.env.company
        if figure < 0:
            raise ValidationError(
                self.env._(
                    "%(customer)s: a credit limit is 0 or more, not %(amount)s.",
                    customer=partners[:1].display_name or self.env._("New customer"),
                    amount=company.currency_id.format(figure),
                )
            )
        if self.env.su or not company.sudo().credit_limit_by_approval:
            return
        refused = [
            granted
            for granted in self._get_raised(company, partners, figure)
            if not self.env["credit.limit.level"]._may_approve(self.env.user, company, granted)
        ]
        if refused:
            raise AccessError(
                self.env._(
                    "You may not raise the credit limit of %(customer)s to %(amount)s: request it, and it will be "
                    "decided.",
                    customer=partners[:1].display_name or self.env._("a new customer"),
                    amount=company.currency_id.format(figure),
                )
            )

    @api.model
    def _get_raised(self, company, partners, figure):
        """Return what ``figure`` would allow, of each of ``partners`` whom it allows more than today; None: no limit.

        By what zero means: in a branch it leaves a customer the limit of the company that the branch belongs to.
        Without partners (a new customer) everything is more than before.
        """
        after = exposure.limit_of(figure, company.sudo().credit_limit_zero)
        ids = list(self._get_figures(partners))
        if not ids:
            return [] if partners else [after]
        parent = company.sudo().parent_id
        before_of = partners._get_credit_limits(company, ids)
        above_of = partners._get_credit_limits(parent, ids) if parent and not figure else {}
        changes = ((before_of[partner_id], above_of.get(partner_id, after)) for partner_id in ids)
        return [new for old, new in changes if old is not None and (new is None or new > old)]

    @api.model
    def _get_figures(self, partners):
        """Return ``{commercial partner id: core's figure}`` in the current company; contacts only copy it."""
        own = partners.sudo().filtered(lambda partner: partner == partner.commercial_partner_id)
        return {partner.id: partner.credit_limit for partner in own}

    @api.model
    def _log_changes(self, partners, before):
        """Leave a row for each figure that isn't what it was ``before``; see :meth:`_log_direct`."""
        after = self._get_figures(partners)
        default = self._get_default(self.env.company)
        changes = {
            partner_id: (before.get(partner_id, default), figure)
            for partner_id, figure in after.items()
            if figure != before.get(partner_id, default)
        }
        if changes:
            self.sudo()._log_direct(self.env.company, changes)

    @api.model
    def _log_direct(self, company, changes):
        """Leave a row for each figure that was written past this model: who, when, the old and the new one.

        A running temporary limit ends with it. What :meth:`_become_figure` wrote is a row already.

        :param changes: ``{commercial partner id: (old figure, new figure)}``
        """
        day = company_today(self)
        default = self._get_default(company)
        in_force = self._get_in_force(company, changes)
        written = {
            partner_id: figures
            for partner_id, figures in changes.items()
            if partner_id not in in_force or not in_force[partner_id]._says(figures[1], default)
        }
        running = self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", list(written)),
                ("state", "=", "approved"),
                ("date_to", "!=", False),
                ("date_from", "<=", day),
            ]
        )
        running.write({"state": "expired", "decision_reason": self.env._("Replaced by a figure written directly.")})
        self.create([self._prepare_direct(company, key, *figures, default, day) for key, figures in written.items()])
        self._refresh(company, self.env["res.partner"].browse(written), day)

    @api.model
    def _get_in_force(self, company, partner_ids):
        """Return ``{commercial partner id: the limit that the figure was written from}`` in one query."""
        rows = self.search(
            [("company_id", "=", company.id), ("partner_id", "in", list(partner_ids)), ("is_in_force", "=", True)]
        )
        return {row.partner_id.id: row for row in rows}

    def _says(self, figure, default):
        return (default if self.follows_default else self.amount) == figure

    @api.model
    def _prepare_direct(self, company, partner_id, old, new, default, day):
        return {
            "partner_id": partner_id,
            "company_id": company.id,
            "amount": new,
            "previous_amount": old,
            "follows_default": new == default,
            "date_from": day,
            "applied_on": day,
            "state": "approved",
            "origin": "direct",
            "user_id": self.env.uid,
            "decided_by_id": self.env.uid,
            "decided_on": fields.Datetime.now(),
        }

    @api.model
    def _hold_against_default(self):
        """Write again the limits that were granted: core keeps one that equals the default as "the default".

        Called after the default changed. Those written as equal to it go on following it.
        """
        granted = self.search(
            [("state", "=", "approved"), ("follows_default", "=", False), ("applied_on", "!=", False)]
        )
        for company, rows in granted.grouped("company_id").items():
            self._refresh(company, rows.partner_id, company_today(company))

    @api.model
    def _hold_again(self, partner):
        """Write the limits in force of a commercial partner again, in every company: others' data were merged in."""
        for company in self.search([("partner_id", "=", partner.id), ("is_in_force", "=", True)]).company_id:
            self._refresh(company, partner, company_today(company))

    # -- every day --------------------------------------------------------------------------

    @api.model
    def _cron_update(self, batch=200):
        """Let limits begin and end on their days, and remind of those whose review is due."""
        days = companies_by_day(self.env)
        due = Domain.OR(
            Domain("company_id", "in", companies.ids) & self._get_due_domain(day) for day, companies in days.items()
        )
        waiting = self.search(due, order="id")
        todo = [
            (company, partner) for company, rows in waiting.grouped("company_id").items() for partner in rows.partner_id
        ]
        self.env["ir.cron"]._commit_progress(remaining=len(todo))
        for start in range(0, len(todo), batch):
            for company, partner in todo[start : start + batch]:
                self._refresh(company, partner, company_today(company))
            if not self.env["ir.cron"]._commit_progress(len(todo[start : start + batch])):
                return
        self._remind_of_reviews(days)

    @api.model
    def _get_due_domain(self, day):
        """Return the domain of the limits that begin or end by ``day``."""
        ended = [("state", "in", ("requested", "approved")), ("date_to", "<", day)]
        begun = [("state", "=", "approved"), ("applied_on", "=", False), ("date_from", "<=", day)]
        return Domain(ended) | Domain(begun)

    @api.model
    def _remind_of_reviews(self, days):
        """Give who granted a limit a task once its review is due, one at a time.

        :param days: ``{day: companies}``, as :func:`companies_by_day` says
        """
        reached = Domain.OR(
            Domain("company_id", "in", companies.ids) & Domain("review_date", "<=", day)
            for day, companies in days.items()
        )
        due = self.search(reached & Domain("state", "=", "approved") & Domain("activity_ids", "=", False))
        for limit in due:
            person = limit.decided_by_id or limit.user_id
            spoken = in_language_of(limit, person)
            spoken.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=limit.review_date,
                user_id=person.id,
                summary=spoken.env._("Review the credit limit"),
            )
