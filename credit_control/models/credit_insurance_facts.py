from collections import defaultdict

from odoo import api, models

from ..core import insurance
from .company_day import company_today


class CreditInsuranceFacts(models.AbstractModel):
    """What the guarantees say of many customers at once: the ways in which others ask for insurance.

    All of them read with the rights of the system, in a number of queries that doesn't depend
    on the number of customers. Amounts are in the company's currency, converted at the rate of
    the day in question. Customers are commercial partners.
    """

    _name = "credit.insurance.facts"
    _description = "Reading of the insurers' guarantees"

    @api.model
    def _is_used(self, company):
        """Whether this company is insured at all."""
        return bool(self.env["credit.insurance.policy"].sudo().search_count(self._in_company(company), limit=1))

    @api.model
    def _get_covers(self, company, partner_ids, day=None):
        """Return ``{commercial partner id: (insurance.Cover, …)}`` on ``day``; who isn't insured isn't there.

        The permanent guarantee comes first, temporary ones on top of it, each with its amount,
        its quota, and the ids of the guarantee and the policy; a discretionary limit has no guarantee.
        """
        day = day or company_today(self)
        pairs = {(partner_id, day) for partner_id in partner_ids}
        return {partner_id: covers for (partner_id, _day), covers in self._get_covers_on(company, pairs, day).items()}

    @api.model
    def _get_covers_on(self, company, pairs, rate_day):
        """Return ``{(commercial partner id, day): covers}`` for many customers and days; see :meth:`_get_covers`.

        :param pairs: the customers and days in question
        :param rate_day: the day at whose rates all amounts are converted
        """
        partner_ids = {partner_id for partner_id, _day in pairs}
        known = self._get_guarantees(company, partner_ids, rate_day)
        limits = self._get_discretionaries(company, rate_day)
        insurable = self._get_insurable(partner_ids) if limits else set()
        covers = {}
        for partner_id, day in pairs:
            limit = insurance.discretionary_on(limits, day) if partner_id in insurable else None
            covers[partner_id, day] = insurance.covers_on(known.get(partner_id, ()), day, limit)
        return {pair: found for pair, found in covers.items() if found}

    @api.model
    def _get_insured(self, company, exposures, day=None):
        """Return ``{commercial partner id: insurance.Split}``, everybody named who is in ``exposures``.

        :param exposures: ``{commercial partner id: outstanding}`` in the company's currency
        """
        covers = self._get_covers(company, exposures, day)
        rounding = company.sudo().currency_id.rounding
        return {
            partner_id: insurance.split(exposure, covers.get(partner_id, ()), rounding)
            for partner_id, exposure in exposures.items()
        }

    @api.model
    def _get_refusals(self, company, partner_ids=None, day=None):
        """Return ``{commercial partner id: insurance.Refusal}`` of those whom the insurer refuses on ``day``.

        A refusal is the insurer's last word where no permanent guarantee is in force: it refused,
        or withdrew what it had granted. What lapsed, or what we gave up, is none.

        :param partner_ids: only these; None: all of the company
        """
        day = day or company_today(self)
        known = self._get_guarantees(company, partner_ids, day)
        refusals = {partner_id: insurance.refusal_on(found, day) for partner_id, found in known.items()}
        return {partner_id: refusal for partner_id, refusal in refusals.items() if refusal}

    # -- gathering -------------------------------------------------------------------------

    @api.model
    def _in_company(self, company):
        return [("company_id", "=", company.id), ("state", "!=", "draft")]

    @api.model
    def _get_guarantees(self, company, partner_ids, day):
        """Return ``{commercial partner id: [insurance.Guarantee]}`` in company currency at the rate of ``day``."""
        domain = [("company_id", "=", company.id)]
        if partner_ids is not None:
            domain.append(("partner_id", "in", list(partner_ids)))
        records = self.env["credit.insurance.guarantee"].sudo().search(domain, order="id")
        rate = self._get_rates(company, records.currency_id, day)
        last_day = {policy.id: policy._get_last_day() for policy in records.policy_id}
        found = defaultdict(list)
        for record in records:
            found[record.partner_id.id].append(
                self._prepare_guarantee(record, rate[record.currency_id.id], last_day[record.policy_id.id])
            )
        return found

    @api.model
    def _prepare_guarantee(self, record, rate, policy_end):
        ends = [day for day in (record.date_to, policy_end) if day]
        return insurance.Guarantee(
            id=record.id,
            policy=record.policy_id.id,
            kind=record.kind,
            state=record.state,
            amount=record.amount * rate,
            quota=record.quota,
            first=record.date_from or None,
            last=min(ends, default=None),
            decided=record.date_decision or None,
            by_insurer=record.by_insurer,
        )

    @api.model
    def _get_rates(self, company, currencies, day):
        """Return ``{currency id: what one unit is in company currency on that day}``."""
        Currency = self.env["res.currency"].sudo()
        own = company.sudo().currency_id
        return {
            currency.id: Currency._get_conversion_rate(currency, own, company, day) for currency in currencies.sudo()
        }

    @api.model
    def _get_discretionaries(self, company, rate_day):
        """Return the :class:`insurance.Discretionary` of the company's policies, the earliest first."""
        policies = self.env["credit.insurance.policy"].sudo()
        policies = policies.search([*self._in_company(company), ("discretionary_limit", ">", 0)], order="date_from")
        rate = self._get_rates(company, policies.currency_id, rate_day)
        return [
            insurance.Discretionary(
                insurance.Cover(
                    policy.discretionary_limit * rate[policy.currency_id.id],
                    policy.discretionary_quota,
                    policy=policy.id,
                ),
                policy.date_from,
                policy._get_last_day(),
            )
            for policy in policies
        ]

    @api.model
    def _get_insurable(self, partner_ids):
        """Return which of these a discretionary limit insures: companies, since insurers don't insure consumers."""
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return set(partners.search([("id", "in", list(partner_ids)), ("is_company", "=", True)]).ids)
