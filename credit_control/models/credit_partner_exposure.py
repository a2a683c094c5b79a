import operator as operators

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache
from odoo.tools.constants import PREFETCH_MAX

from ..core import exposure
from ..core.exposure import Position
from .company_day import company_today
from .credit_check import Question

SEES_EXPOSURE = "credit_control.group_reader,credit_control.group_salesperson"
# Up to how many partners are answered for in one go, where a thousand of them are asked for.
EVERYONE = 500_000
COMPARISONS = {
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
    "in": lambda amount, amounts: amount in amounts,
}


class CreditPartnerExposure(models.AbstractModel):
    """What we risk with a customer and what is left of its limit, in the current company.

    It is that of the commercial partner: each contact of a customer shows the customer's. Branches of
    a company are one creditor: what any of them risks counts for all. Stored nowhere.
    """

    _name = "credit.partner.exposure"
    _description = "Exposure of a partner"

    # That of the partner; named here because the amounts need it.
    credit_currency_id = fields.Many2one("res.currency", string="Currency of the credit")

    credit_exposure = fields.Monetary(
        string="Exposure",
        compute="_compute_credit_exposure",
        search="_search_credit_exposure",
        currency_field="credit_currency_id",
        groups=SEES_EXPOSURE,
        help="What we risk with this customer in the current company: what is open, under way and ordered, credits "
        "set off.",
    )
    credit_available = fields.Monetary(
        string="Available credit",
        compute="_compute_credit_exposure",
        search="_search_credit_available",
        currency_field="credit_currency_id",
        groups=SEES_EXPOSURE,
        help="What is left of the limit; negative where it is passed. Without a limit there is no figure.",
    )
    credit_has_limit = fields.Boolean(
        string="Has a credit limit", compute="_compute_credit_exposure", groups=SEES_EXPOSURE
    )
    credit_limit_words = fields.Char(
        string="Limit",
        compute="_compute_credit_limit_words",
        groups=SEES_EXPOSURE,
        help="The limit in force, and what zero means in this company.",
    )
    credit_exposure_all = fields.Monetary(
        string="Exposure in all companies",
        compute="_compute_credit_exposure_all",
        compute_sudo=True,
        currency_field="credit_currency_id",
        groups=SEES_EXPOSURE,
        help="The sum over all companies of this database, whichever of them are shown, at today's rates.",
    )
    credit_exposure_group = fields.Monetary(
        string="Exposure of the group",
        compute="_compute_credit_exposure_group",
        compute_sudo=True,
        currency_field="credit_currency_id",
        groups=SEES_EXPOSURE,
        help="With all companies that belong to the same group as this customer, in the current company.",
    )

    # -- figures ------------------------------------------------------------------------

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_exposure(self):
        """Answer for everyone where many are read: Odoo asks for a thousand at a time, each a reading of the ledger."""
        everyone = self._read_credit_everyone() if len(self) >= PREFETCH_MAX else {}
        commercial_of = everyone | self.filtered(lambda asked: asked.id not in everyone)._get_credit_commercial_ids()
        positions = self._get_credit_positions(self.env.company, set(commercial_of.values()))
        values_of = {
            partner_id: self._prepare_credit_exposure(positions.get(commercial_id, Position(0.0, None)))
            for partner_id, commercial_id in commercial_of.items()
        }
        for partner in self:
            partner.update(values_of[partner.id])
        if everyone:
            self._remember_credit_exposure(self.browse(set(everyone) - set(self._ids)), values_of)

    @api.model
    def _read_credit_everyone(self):
        """Return ``{partner id: commercial partner id}`` of all, or of none where they are too many for the memory."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        query = SQL("SELECT id, COALESCE(commercial_partner_id, id) FROM res_partner LIMIT %s", EVERYONE + 1)
        rows = self.env.execute_query(query)
        return dict(rows) if len(rows) <= EVERYONE else {}

    @api.model
    def _prepare_credit_exposure(self, position):
        return {
            "credit_exposure": position.exposure,
            "credit_available": position.available() or 0.0,
            "credit_has_limit": position.limit is not None,
        }

    @api.model
    def _remember_credit_exposure(self, partners, values_of):
        for name in ("credit_exposure", "credit_available", "credit_has_limit"):
            self._fields[name]._insert_cache(partners, [values_of[partner_id][name] for partner_id in partners._ids])

    def _get_credit_commercial_ids(self):
        """Return ``{partner id: commercial partner id}`` in one query; of new records by their origin."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        stored = [partner_id for partner_id in self._ids if partner_id and type(partner_id) is int]
        if not self:
            return {}
        query = SQL("SELECT id, COALESCE(commercial_partner_id, id) FROM res_partner WHERE id = ANY(%s)", stored)
        found = dict(self.env.execute_query(query))
        new = self.filtered(lambda partner: partner.id not in found)
        return found | {partner.id: partner.commercial_partner_id._origin.id for partner in new}

    @api.model
    def _get_credit_positions(self, company, commercial_ids, amounts=None):
        """Return ``{commercial partner id: Position}`` in ``company``, every one named, in few queries.

        :param amounts: what :meth:`_get_credit_amounts` gave for them, where it was asked already
        """
        commercial_ids = [partner_id for partner_id in commercial_ids if partner_id]
        if amounts is None:
            amounts = self._get_credit_amounts(self._get_credit_companies(company), company, commercial_ids)
        limits = self._get_credit_limits(company, commercial_ids)
        rounding = company.currency_id.rounding
        return {
            partner_id: Position(
                exposure.total(amounts.get(partner_id, {}), rounding), limits.get(partner_id), rounding
            )
            for partner_id in commercial_ids
        }

    @api.model
    def _get_credit_companies(self, company):
        """Return the companies whose exposures are held against a limit of ``company``.

        The company with its branches, or all companies of the database where its settings say so.
        """
        return self.env["res.company"].sudo().browse(self._get_credit_company_ids(company.id))

    @api.model
    @ormcache("company_id")
    def _get_credit_company_ids(self, company_id):
        companies = self.env["res.company"].sudo()
        company = companies.browse(company_id)
        if company.credit_limit_scope == "database":
            return companies.search([("active", "=", True)]).ids
        return company._get_creditor_ids()

    @api.model
    def _get_credit_amounts(self, companies, company, commercial_ids):
        """Return ``{commercial partner id: {source code: amount}}`` in one query, who owes nothing left out.

        :param companies: whose documents count
        :param company: in whose currency; another one's amounts are converted at today's rate
        :param commercial_ids: None: of all customers
        """
        factor_of = self._get_credit_factors(companies, company)
        currency = company.currency_id
        found = {}
        for partner_id, by_company in self.env["credit.exposure"]._get_amounts(companies, commercial_ids).items():
            amounts = found.setdefault(partner_id, {})
            for company_id, by_source in by_company.items():
                factor = factor_of[company_id]
                for source, amount in by_source.items():
                    converted = amount if factor == 1.0 else currency.round(amount * factor)
                    amounts[source] = amounts.get(source, 0.0) + converted
        return found

    @api.model
    def _get_credit_factors(self, companies, company):
        """Return ``{company id: factor}`` to the currency of ``company`` at today's rates."""
        today = company_today(self)
        get_rate = self.env["res.currency"].sudo()._get_conversion_rate
        currency = company.sudo().currency_id
        return {other.id: get_rate(other.currency_id, currency, company, today) for other in companies.sudo()}

    @api.model
    def _get_credit_totals(self, companies, commercial_ids):
        """Return ``{commercial partner id: exposure}`` over ``companies``, in the current company's currency."""
        company = self.env.company
        amounts = self._get_credit_amounts(companies, company, commercial_ids)
        rounding = company.currency_id.rounding
        return {partner_id: exposure.total(by_source, rounding) for partner_id, by_source in amounts.items()}

    @api.model
    def _get_credit_limits(self, company, commercial_ids):
        """Return ``{commercial partner id: limit}`` in force in ``company``; None: no limit. One query.

        The figure is core's, company by company; a branch in which it is zero has that of the company it belongs to.
        Zero means what the company's settings say.
        """
        partners = self.env["res.partner"].sudo().with_company(company).with_context(active_test=False)
        query = partners._search([("id", "in", list(commercial_ids))])
        figures = [
            SQL("NULLIF(%s, 0)", partners.with_company(owner)._field_to_sql(query.table, "credit_limit", query))
            for owner in reversed(company.sudo().parent_ids)
        ]
        figure = SQL("COALESCE(%s)", SQL(", ").join(figures))
        rows = self.env.execute_query(query.select(SQL.identifier(query.table, "id"), figure))
        zero_means = company.sudo().credit_limit_zero
        return {partner_id: exposure.limit_of(float(amount or 0.0), zero_means) for partner_id, amount in rows}

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang")
    def _compute_credit_limit_words(self):
        commercial_of = self._get_credit_commercial_ids()
        limits = self._get_credit_limits(self.env.company, set(commercial_of.values()) - {False})
        for partner in self:
            partner.credit_limit_words = self._get_credit_limit_words(limits.get(commercial_of[partner.id]))

    @api.model
    def _get_credit_limit_words(self, limit):
        if limit is None:
            return self.env._("No limit")
        if not limit:
            return self.env._("No credit: a limit of zero allows none")
        return self.env.company.currency_id.format(limit)

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_exposure_all(self):
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        totals = self._get_credit_totals(companies, self.commercial_partner_id._origin.ids)
        for partner in self:
            partner.credit_exposure_all = totals.get(partner.commercial_partner_id._origin.id, 0.0)

    @api.depends("commercial_partner_id", "parent_id")
    @api.depends_context("company")
    def _compute_credit_exposure_group(self):
        members_of = self._get_credit_groups()
        every = {member for members in members_of.values() for member in members}
        totals = self._get_credit_totals(self._get_credit_companies(self.env.company), every)
        for partner in self:
            members = members_of.get(partner.commercial_partner_id._origin.id, ())
            partner.credit_exposure_group = sum(totals.get(member, 0.0) for member in members)

    def _get_credit_groups(self):
        """Return ``{commercial partner id: ids of all commercial partners of its group}`` in one query."""
        query = SQL(
            """
            WITH RECURSIVE up AS (
                SELECT id AS start, id, parent_id FROM res_partner WHERE id = ANY(%(partners)s)
                 UNION
                SELECT up.start, parent.id, parent.parent_id FROM up JOIN res_partner parent ON parent.id = up.parent_id
            ), top AS (
                SELECT start, id FROM up WHERE parent_id IS NULL
            ), down AS (
                SELECT id AS top, id FROM (SELECT DISTINCT id FROM top) t
                 UNION
                SELECT down.top, child.id FROM down JOIN res_partner child ON child.parent_id = down.id
            )
            SELECT top.start, ARRAY_AGG(DISTINCT member.commercial_partner_id)
              FROM top JOIN down ON down.top = top.id
              JOIN res_partner member ON member.id = down.id
             GROUP BY top.start
            """,
            partners=self.commercial_partner_id._origin.ids,
        )
        self.env["res.partner"].flush_model(["commercial_partner_id", "parent_id"])
        return dict(self.env.execute_query(query))

    def _get_credit_grades(self, company):
        """Return ``{commercial partner id: grade}``, those without one left out."""
        partners = self.sudo().with_company(company).commercial_partner_id
        return {partner.id: partner.credit_grade for partner in partners if partner.credit_grade}

    # -- the check ------------------------------------------------------------------------

    def _credit_check(
        self, amount, currency=None, company=None, date=None, *, prepaid=0.0, stage="order", is_final=True
    ):
        """Answer whether this customer may have ``amount`` on credit: a verdict with its reasons.

        :param amount: incl. VAT, in ``currency`` (None: the company's), converted at the rate of ``date``
        :param company: whose rules and limits (None: the current one)
        :param date: the day in question (None: today)
        :param prepaid: the part of it that is paid already
        :param stage: ``quotation``, ``order``, ``delivery`` or ``invoice``
        :param is_final: the answer is acted upon, so two that ask at once are put in order; without it nothing
            is written
        :return: ``core.verdict.Verdict``: ``effect``, ``is_held``, ``reasons`` (sentences), ``findings``, ``over_by``
        """
        self.ensure_one()
        company = company or self.env.company
        # Only what is looked at: a customer has a hundred other fields.
        self.sudo().fetch(["commercial_partner_id", "company_id"])
        date = fields.Date.to_date(date) or company_today(self)
        convert = (currency or company.currency_id)._convert
        question = Question(
            partner_id=self.sudo().commercial_partner_id.id,
            amount=convert(amount, company.currency_id, company, date),
            prepaid=convert(prepaid, company.currency_id, company, date),
            stage=stage,
        )
        (answer,) = self.env["credit.check"]._check(company, [question], date, is_final)
        return answer

    # -- search -------------------------------------------------------------------------

    def _search_credit_exposure(self, operator, value):
        compare = COMPARISONS.get(operator)
        if compare is None:
            return NotImplemented
        totals = self._get_credit_totals(self._get_credit_companies(self.env.company), None)
        if compare(0.0, value):
            without = [partner_id for partner_id, amount in totals.items() if not compare(amount, value)]
            return [("commercial_partner_id", "not in", without)]
        matching = [partner_id for partner_id, amount in totals.items() if compare(amount, value)]
        return [("commercial_partner_id", "in", matching)]

    def _search_credit_available(self, operator, value):
        """Find customers by what is left of their limit; those without a limit are never found."""
        compare = COMPARISONS.get(operator)
        if compare is None:
            return NotImplemented
        company = self.env.company
        everyone = company.sudo().credit_limit_zero == exposure.NO_CREDIT
        # A branch has the limits of the company that it belongs to.
        owners = company.browse() if everyone else company.sudo().parent_ids
        limited = (self.with_company(owner)._search([("credit_limit", "!=", 0)]) for owner in owners)
        found = Domain.TRUE if everyone else Domain.OR(Domain("id", "in", query) for query in limited)
        partners = self.env["res.partner"].sudo().search(found)
        positions = self._get_credit_positions(company, set(partners._get_credit_commercial_ids().values()))
        matching = [
            partner_id
            for partner_id, position in positions.items()
            if position.limit is not None and compare(position.available(), value)
        ]
        return [("commercial_partner_id", "in", matching)]

    # -- drill-down ---------------------------------------------------------------------

    def action_open_credit_exposure(self):
        """Open the rows that the exposure in the current company is made of."""
        self.ensure_one()
        return self._get_credit_exposure_action(self.commercial_partner_id.ids)

    def action_open_credit_exposure_group(self):
        """Open the rows that the exposure of the group is made of."""
        self.ensure_one()
        members = self._get_credit_groups()[self.commercial_partner_id.id]
        return self._get_credit_exposure_action(members) | {"context": {"group_by": ["partner_id"]}}

    def _get_credit_exposure_action(self, partner_ids):
        """Return the action that shows the rows of the exposure, as far as the user may see their companies."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_exposure_action")
        companies = self._get_credit_companies(self.env.company)
        action["domain"] = [("partner_id", "in", list(partner_ids)), ("company_id", "in", companies.ids)]
        action["context"] = {"group_by": ["source_id"]}
        return action
