from odoo import api, fields, models


class CreditBalanceExposure(models.AbstractModel):
    """What we risk with a debtor, beside its limit: read from the exposure, stored nowhere."""

    _name = "credit.balance.exposure"
    _description = "Exposure of a debtor's card"

    # Those of the card itself; named here because the amounts need them.
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one("res.currency")

    exposure = fields.Monetary(
        compute="_compute_exposure", help="What is open, under way and ordered, credits set off, in company currency."
    )
    exposure_available = fields.Monetary(
        string="Available credit",
        compute="_compute_exposure",
        help="What is left of the limit; negative where it is passed. Without a limit there is no figure.",
    )
    has_limit = fields.Boolean(string="Has a limit", compute="_compute_exposure")
    exposure_gauge = fields.Json(
        string="Gauge of the exposure",
        compute="_compute_exposure",
        help="For the gauge: {words, is_over, scale, limit, sources: [{code, label, tone, amount}]}.",
    )

    check_count = fields.Integer(
        string="Credit checks",
        readonly=True,
        copy=False,
        help="Counted up by each check: that is what puts two in order.",
    )
    hold_ids = fields.Many2many("credit.hold", string="Credit holds", compute="_compute_hold_ids")
    hold_count = fields.Integer(string="Held documents", compute="_compute_hold_ids")
    limit_ids = fields.Many2many("credit.limit", string="Credit limits", compute="_compute_limit_ids")

    @api.depends("partner_id", "company_id")
    def _compute_hold_ids(self):
        found = self._search_own("credit.hold", [])
        for debtor in self:
            debtor.hold_ids = found.filtered(debtor._is_own)
            debtor.hold_count = len(debtor.hold_ids.filtered(lambda hold: hold.state == "open"))

    @api.depends("partner_id", "company_id")
    def _compute_limit_ids(self):
        found = self._search_own("credit.limit", [])
        for debtor in self:
            debtor.limit_ids = found.filtered(debtor._is_own)

    @api.depends("partner_id", "company_id")
    @api.depends_context("lang", "uid")
    def _compute_exposure(self):
        counted = self.env["credit.exposure.source"].sudo()
        sources = counted.browse(source.id for source in counted._get_counted())
        known = self.filtered(lambda debtor: debtor.company_id and debtor.partner_id)
        (self - known).update({"exposure": 0.0, "exposure_available": 0.0, "has_limit": False, "exposure_gauge": False})
        for company, debtors in known.grouped("company_id").items():
            partners = self.env["res.partner"].sudo()
            companies = partners._get_credit_companies(company)
            amounts = partners._get_credit_amounts(companies, company, debtors.partner_id.ids)
            positions = partners._get_credit_positions(company, debtors.partner_id.ids, amounts)
            for debtor in debtors:
                position = positions[debtor.partner_id.id]
                debtor.update(debtor._prepare_exposure(position, amounts.get(debtor.partner_id.id, {}), sources))

    def _prepare_exposure(self, position, amounts, sources):
        return {
            "exposure": position.exposure,
            "exposure_available": position.available() or 0.0,
            "has_limit": position.limit is not None,
            "exposure_gauge": self._prepare_gauge(position, amounts, sources),
        }

    def _prepare_gauge(self, position, amounts, sources):
        """Return what the gauge shows: each source in its colour, on a scale up to the limit or beyond it."""
        rows = [
            {"code": source.code, "label": source.name, "tone": source.tone, "amount": amounts[source.code]}
            for source in sources
            if amounts.get(source.code)
        ]
        risked = sum(row["amount"] for row in rows if row["amount"] > 0)
        return {
            "words": self._get_exposure_words(position),
            "is_over": position.limit is not None and position.exposure > position.limit,
            "limit": position.limit,
            "scale": max(risked, position.limit or 0.0),
            "sources": rows,
        }

    def _get_exposure_words(self, position):
        """Return the sentence beside the gauge: the limit, and what zero means where it is none."""
        form = self.currency_id.format
        if position.limit is None:
            return self.env._("%(exposure)s at risk · no limit", exposure=form(position.exposure))
        if not position.limit:
            return self.env._("%(exposure)s at risk · no credit allowed", exposure=form(position.exposure))
        values = {
            "exposure": form(position.exposure),
            "limit": form(position.limit),
            "share": round(100 * position.share()),
            "left": form(abs(position.available())),
        }
        if position.exposure > position.limit:
            return self.env._("%(exposure)s of %(limit)s at risk · %(share)s %% used · over by %(left)s", **values)
        return self.env._("%(exposure)s of %(limit)s at risk · %(share)s %% used · %(left)s available", **values)

    def action_open_holds(self):
        """Open the documents of this debtor that wait or waited."""
        return self._get_related_action("credit_control.credit_hold_action")

    def action_request_limit(self):
        """Open a request for a limit, with what the customer's behaviour proposes."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_limit_action")
        action["views"] = [(False, "form")]
        action["context"] = {"default_partner_id": self.partner_id.id, "default_company_id": self.company_id.id}
        return action

    def action_open_exposure(self):
        """Open the rows of the exposure; the context may name a source."""
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        action = partner._get_credit_exposure_action(self.partner_id.ids)
        if source := self.env.context.get("credit_source"):
            action["domain"] = [*action["domain"], ("source", "=", source)]
            action["context"] = {}
        return action
