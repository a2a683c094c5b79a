from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import law
from ..core.charges import pick
from ..core.interest import accrue
from .company_day import company_today

COLLECTOR = "credit_control.group_collector"
# What may still be decided on.
OPEN_STATES = ("claimed", "frozen")


class CreditCharge(models.Model):
    """Interest or a fixed sum of an invoice that somebody decided on: claimed, frozen, waived or invoiced.

    What merely runs isn't stored (:class:`~.credit_charge_item.CreditChargeItem`). A charge is a memo beside the
    ledger: it stays when the principal is paid, is lowered by a credit note of the invoice, and becomes an entry only
    when a person invoices it. Rows are made by the actions of this model, never by hand.
    """

    _name = "credit.charge"
    _description = "Interest or fixed sum"
    _order = "date_to desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company currency")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    move_id = fields.Many2one("account.move", string="Invoice", required=True, index=True, ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", string="Item", index="btree_not_null", ondelete="cascade")
    kind = fields.Selection([("interest", "Interest"), ("fixed_sum", "Fixed sum")], required=True)
    state = fields.Selection(
        [("claimed", "Claimed"), ("frozen", "Frozen"), ("waived", "Waived"), ("invoiced", "Invoiced")],
        required=True,
        default="claimed",
        index=True,
        help="Claimed: asked of the customer. Frozen: stopped by the judgment of a collective procedure.",
    )
    amount = fields.Monetary(required=True)
    amount_company = fields.Monetary(
        string="In company currency", currency_field="company_currency_id", help="At the rate of the last day."
    )
    currency_id = fields.Many2one("res.currency", required=True)
    date_from = fields.Date(string="From", help="The first day that bears this interest.")
    date_to = fields.Date(string="To", required=True, help="The last day that bears this interest.")
    regime_id = fields.Many2one("credit.interest.regime", required=True, ondelete="restrict")
    detail = fields.Json(help="The segments of the interest as it was reckoned: first, last, days, base, rate, amount.")
    principal_state = fields.Selection(related="move_id.payment_state", string="Principal")
    # Who decided
    claimed_on = fields.Date(string="Claimed on", readonly=True)
    notice_id = fields.Many2one(
        "credit.dunning.notice", string="Claimed by", index="btree_not_null", ondelete="set null"
    )
    waived_on = fields.Date(string="Waived on", readonly=True)
    waived_by_id = fields.Many2one("res.users", string="Waived by", readonly=True)
    waive_reason = fields.Char(string="Reason for waiving", readonly=True)
    frozen_on = fields.Date(string="Frozen on", readonly=True, help="The judgment that stopped it.")
    invoice_id = fields.Many2one(
        "account.move", string="Invoiced by", index="btree_not_null", ondelete="set null", readonly=True
    )

    _fixed_sum_unique = models.UniqueIndex(
        "(move_id) WHERE kind = 'fixed_sum'", "The fixed sum of this invoice was claimed, waived or invoiced already."
    )
    _claimed_unique = models.UniqueIndex(
        "(move_line_id) WHERE kind = 'interest' AND state = 'claimed'", "The interest of this item is claimed already."
    )
    _amount_positive = models.Constraint("CHECK (amount >= 0)", "A charge can't be negative.")
    _waived_why = models.Constraint(
        "CHECK (state <> 'waived' OR COALESCE(waive_reason, '') <> '')", "Say why the charge is waived."
    )

    @api.depends("kind", "move_id", "date_to")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for charge in self:
            charge.display_name = f"{kinds.get(charge.kind, '')} – {charge.sudo().move_id.name or ''}"

    # -- what the law forbids -----------------------------------------------------------

    @api.constrains("kind", "regime_id", "partner_id", "company_id")
    def _check_lawful(self):
        """Refuse what no consumer may be charged, whoever writes it."""
        debtors = self._get_debtors()
        for charge in self:
            kind = debtors[charge.partner_id, charge.company_id]._get_legal_kind()
            forbidden = charge.kind == "fixed_sum" and not law.bears_fixed_sum(kind)
            if forbidden or not law.is_allowed(charge.regime_id.kind, kind):
                raise ValidationError(
                    self.env._(
                        "%(customer)s is a consumer: no fixed sum and no interest of businesses can be charged.",
                        customer=charge.partner_id.display_name,
                    )
                )

    def _get_debtors(self):
        """Return ``{(customer, company): card}``; a card that isn't stored where there is none."""
        cards = self.env["credit.debtor"].sudo()
        found = cards.search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        ).grouped(lambda card: (card.partner_id, card.company_id))
        return {
            key: found.get(key) or cards.new({"partner_id": key[0].id, "company_id": key[1].id})
            for key in {(charge.partner_id, charge.company_id) for charge in self.sudo()}
        }

    def _check_may_decide(self):
        """Refuse whoever isn't a collector; records of other companies are refused by the rules."""
        if not self.env.su and not self.env.user.has_group(COLLECTOR):
            raise AccessError(self.env._("Collectors decide on interest and fixed sums."))
        self.check_access("read")

    # -- claimed ------------------------------------------------------------------------

    @api.model
    def _claim(self, line_ids, day, notice=None):
        """Store what these items bear up to ``day`` as claimed, and return it. What can't be reckoned isn't claimed.

        An item has one row of claimed interest: a later claim extends it, so that it is rounded once.
        """
        outcomes = self.env["credit.charge.engine"]._get_outcomes(day, line_ids=line_ids)
        charges = self.sudo()._store_interest(outcomes.values(), day, notice)
        return (charges | self.sudo()._store_fixed_sums(outcomes.values(), day, notice)).sudo(False)

    def _store_interest(self, outcomes, day, notice=None):
        bearing = [outcome for outcome in outcomes if outcome.interest > 0]
        known = self._get_claimed([outcome.case.item for outcome in bearing], "interest", "move_line_id")
        lines = self.env["account.move.line"].sudo().browse(outcome.case.item for outcome in bearing)
        fresh, charges = [], self.browse()
        for outcome, line in zip(bearing, lines, strict=True):
            vals = self._prepare_interest_vals(outcome, line, day, notice)
            if line.id in known:
                known[line.id].write(vals)
                charges |= known[line.id]
            else:
                fresh.append(vals)
        return charges | self.create(fresh)

    def _store_fixed_sums(self, outcomes, day, notice=None):
        bearing = [outcome for outcome in outcomes if outcome.fixed_sum > 0]
        known = self._get_claimed([outcome.case.document for outcome in bearing], "fixed_sum", "move_id")
        lines = self.env["account.move.line"].sudo().browse(outcome.case.item for outcome in bearing)
        vals_list = [
            self._prepare_fixed_vals(outcome, line, day, notice)
            for outcome, line in zip(bearing, lines, strict=True)
            if line.move_id.id not in known
        ]
        return self.create(vals_list) | self.browse(charge.id for charge in known.values())

    def _get_claimed(self, ids, kind, name):
        """Return ``{item or document id: claimed charge}``."""
        domain = Domain("kind", "=", kind) & Domain("state", "=", "claimed") & Domain(name, "in", ids)
        return {charge[name].id: charge for charge in self.search(domain)}

    def _prepare_vals(self, outcome, line, day, notice):
        vals = {
            "company_id": line.company_id.id,
            "partner_id": line.partner_id.commercial_partner_id.id,
            "move_id": line.move_id.id,
            "move_line_id": line.id,
            "regime_id": outcome.regime,
            "date_to": day,
            "claimed_on": day,
            "state": "claimed",
        }
        return vals | {"notice_id": notice.id} if notice else vals

    def _prepare_interest_vals(self, outcome, line, day, notice=None):
        segments = outcome.accrual.segments
        return self._prepare_vals(outcome, line, day, notice) | {
            "kind": "interest",
            "currency_id": line.currency_id.id,
            "date_from": segments[0].first,
            "date_to": segments[-1].last,
            "detail": _as_json(segments),
            "amount": outcome.interest,
            "amount_company": self._convert(outcome.interest, line.currency_id, line.company_id, day),
        }

    def _prepare_fixed_vals(self, outcome, line, day, notice=None):
        currency = self.env["credit.interest.regime"].browse(outcome.regime).currency_id
        return self._prepare_vals(outcome, line, day, notice) | {
            "kind": "fixed_sum",
            "currency_id": currency.id,
            "amount": outcome.fixed_sum,
            "amount_company": self._convert(outcome.fixed_sum, currency, line.company_id, day),
        }

    def _convert(self, amount, currency, company, day):
        if currency == company.currency_id:
            return amount
        return currency._convert(amount, company.currency_id, company, day)

    # -- waived and taken up again --------------------------------------------------------

    def action_waive(self):
        """Ask why these charges are waived."""
        self._check_may_decide()
        return self.env["credit.charge.waive"]._open(charges=self)

    def _waive(self, reason):
        """Waive these charges: who, when and why stay with them."""
        self._check_may_decide()
        self._lock_in(OPEN_STATES, self.env._("only what is claimed or frozen can be waived"))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the charges are waived."))
        self.sudo().write(self._prepare_waived_vals(reason.strip()))

    def _prepare_waived_vals(self, reason):
        return {
            "state": "waived",
            "waive_reason": reason,
            "waived_on": company_today(self),
            "waived_by_id": self.env.uid,
        }

    def action_restore(self):
        """Claim again what was waived."""
        self._check_may_decide()
        self._lock_in(("waived",), self.env._("only what was waived can be claimed again"))
        for charge in self.sudo():
            twin = charge._get_claimed(charge.move_line_id.ids, "interest", "move_line_id")
            if charge.kind == "interest" and twin:
                # One row of an item is claimed: the later one takes in the days of the earlier.
                charge.unlink()
                continue
            charge.write(
                {
                    "state": "frozen" if charge.frozen_on else "claimed",
                    "waive_reason": False,
                    "waived_on": False,
                    "waived_by_id": False,
                }
            )
        self.sudo().exists()._reconsider()
        return True

    def _lock_in(self, states, message):
        """Lock these rows, and refuse where somebody decided otherwise meanwhile."""
        self.env.execute_query(SQL("SELECT id FROM credit_charge WHERE id = ANY(%s) FOR UPDATE", self.ids))
        self.invalidate_recordset(["state", "invoice_id"])
        wrong = self.filtered(lambda charge: charge.state not in states)[:1]
        if wrong:
            label = dict(self._fields["state"]._description_selection(self.env))[wrong.state]
            raise UserError(
                self.env._(
                    "%(charge)s (%(state)s): %(message)s.", charge=wrong.display_name, state=label, message=message
                )
            )

    # -- invoiced -----------------------------------------------------------------------

    def action_invoice(self):
        """Ask how these charges are invoiced."""
        self._check_may_decide()
        return self.env["credit.charge.invoice"]._open(self)

    def action_open_invoice(self):
        """Open the invoice of the charge, else the invoice that is late."""
        self.ensure_one()
        return (self.invoice_id or self.move_id)._get_records_action()

    def _release_invoiced(self):
        """Claim again what stood on an invoice that was cancelled or deleted before it counted."""
        for charge in self.sudo():
            twin = charge._get_claimed(charge.move_line_id.ids, "interest", "move_line_id")
            if charge.kind == "interest" and twin:
                charge.unlink()
            else:
                charge.write({"state": "claimed", "invoice_id": False})
        # What was credited or cancelled meanwhile was only told.
        self.sudo().exists()._reconsider()

    # -- what the ledger says later -------------------------------------------------------

    @api.model
    def _reconsider_items(self, line_ids):
        """Reckon again what is claimed or frozen of these items: they were credited, paid earlier, or the like."""
        stored = [("move_id.line_ids", "in", list(line_ids)), ("state", "!=", "waived")]
        self.sudo().search(stored)._reconsider()

    def _reconsider(self):
        """Reckon these charges again, as the ledger knows it now; those of which nothing is left are waived.

        An invoice that is a draft again is being corrected: its charges wait until it is posted or cancelled.
        """
        charges = self.filtered(
            lambda charge: charge.state in (*OPEN_STATES, "invoiced") and charge.move_id.state != "draft"
        )
        if not charges:
            return
        day = max(company_today(self), *charges.mapped("date_to"))
        cases, terms, rates = self.env["credit.charge.engine"]._get_cases(day, line_ids=charges.move_line_id.ids)
        case_of = {case.item: case for case in cases}
        for charge in charges:
            case = case_of.get(charge.move_line_id.id)
            if charge.kind == "interest":
                charge._reckon(case, terms, rates)
            elif case is None or case.claim.principal <= 0:
                charge._set_amount(0.0, [])

    def _reckon(self, case, terms, rates):
        """Reckon the interest of the days of this charge again, under its own regime."""
        own = next((one for one in terms if one.regime.id == self.regime_id.id), None) or (case and pick(case, terms))
        if case is None or own is None:
            self._set_amount(0.0, [])
            return
        claim = case.claim
        if own.start == law.FROM_NOTICE:
            claim = type(claim)(claim.amount, self._get_eve(), claim.settlements, claim.stop)
        found = accrue(claim, own.rule, rates, self.date_to, self._get_eve())
        if not found.missing:
            self._set_amount(found.total(case.rounding), _as_json(found.segments))

    def _get_eve(self):
        return fields.Date.subtract(self.date_from, days=1)

    def _set_amount(self, amount, detail):
        """Write the sum that is due by now; of what was invoiced already the customer's card is told."""
        if self.currency_id.compare_amounts(amount, self.amount) == 0:
            return
        if self.state == "invoiced":
            self._tell_too_much(amount)
            return
        if self.currency_id.is_zero(amount):
            # The sum stays, as where a person waives it: it can be claimed again.
            self.write(self._prepare_waived_vals(self._get_reason_of_nothing()))
            return
        self.write(
            {
                "amount": amount,
                "amount_company": self._convert(amount, self.currency_id, self.company_id, self.date_to),
                "detail": detail,
            }
        )

    def _get_reason_of_nothing(self):
        if self.move_id.state == "cancel":
            return self.env._("The invoice was cancelled.")
        return self.env._("Nothing is left of it: the invoice was credited, or paid in time.")

    def _tell_too_much(self, amount):
        card = self._get_debtors()[self.partner_id, self.company_id]
        if card.id and amount < self.amount:
            card.message_post(
                body=self.env._(
                    "%(charge)s was invoiced by %(invoice)s for %(invoiced)s; after what was credited since it is "
                    "%(amount)s. Credit the difference.",
                    charge=self.display_name,
                    invoice=self.invoice_id.display_name,
                    invoiced=self.currency_id.format(self.amount),
                    amount=self.currency_id.format(amount),
                )
            )

    # -- frozen -------------------------------------------------------------------------

    @api.model
    def _freeze(self, company, partner, judged):
        """Store the interest of what arose before the judgment, up to it, as frozen; and what is claimed with it."""
        charges = self.sudo()
        outcomes = self.env["credit.charge.engine"]._get_outcomes(judged, [company.id], partner.ids)
        stored = charges._store_interest(outcomes.values(), judged)
        stored |= charges._store_fixed_sums(outcomes.values(), judged)
        later = charges.search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id), ("state", "=", "claimed")]
        ).filtered(lambda charge: charge.move_id.date <= judged)
        later.filtered(lambda charge: charge.kind == "interest" and charge.date_to > judged)._cut_at(judged)
        # What nothing is left of was waived on the way.
        stored = (stored | later).exists().filtered(lambda charge: charge.state != "waived")
        stored.write({"state": "frozen", "frozen_on": judged})
        return stored

    def _cut_at(self, judged):
        self.filtered(lambda charge: charge.date_from > judged).unlink()
        rest = self.exists()
        rest.write({"date_to": judged})
        rest._reconsider()

    @api.model
    def _thaw(self, company, partner):
        """Claim again what a procedure had frozen that never was; what had never been claimed just goes."""
        frozen = self.sudo().search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id), ("state", "=", "frozen")]
        )
        frozen.filtered(lambda charge: not charge.notice_id).unlink()
        frozen.exists().write({"state": "claimed", "frozen_on": False})


def _as_json(segments):
    """Return the segments as they are kept: the sheet shows them as they were reckoned."""
    return [
        [str(part.first), str(part.last), part.days, part.base, part.rate, round(part.amount, 8)] for part in segments
    ]
