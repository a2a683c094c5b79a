"""By what receivables are added up: customer, portfolio, segment…"""

from dataclasses import dataclass

from odoo.tools import SQL, LazyTranslate

_lt = LazyTranslate(__name__)

# What an axis may read beside the open item itself, by the name that its expression uses.
JOINS = {
    "partner": SQL("LEFT JOIN res_partner partner ON partner.id = item.partner_id"),
    "debtor": SQL(
        "LEFT JOIN credit_debtor debtor ON debtor.partner_id = item.partner_id AND debtor.company_id = item.company_id"
    ),
    "tags": SQL(
        """
        LEFT JOIN (
            SELECT partner_id, STRING_AGG(category_id::text, ',' ORDER BY category_id) AS ids
              FROM res_partner_res_partner_category_rel
             GROUP BY partner_id
        ) tags ON tags.partner_id = item.partner_id
        """
    ),
}


@dataclass(frozen=True)
class Axis:
    """One way to group open items.

    ``expression`` gives the key of an item in SQL, ``joins`` the names of :data:`JOINS` that it reads; ``model`` is
    what the keys are ids of (empty: the key is its own label); ``path`` leads from an open item to the same key in
    a domain, so that a line opens exactly what it was added up from.
    """

    code: str
    label: object
    expression: SQL
    path: str
    model: str = ""
    joins: tuple[str, ...] = ()


def _partner_axis(code, label, name, model):
    """Return the axis by the field ``name`` of the customer."""
    return Axis(code, label, SQL.identifier("partner", name), f"partner_id.{name}", model, ("partner",))


AXES = {
    axis.code: axis
    for axis in (
        Axis("customer", _lt("Customer"), SQL("item.partner_id"), "partner_id", "res.partner"),
        Axis("company", _lt("Company"), SQL("item.company_id"), "company_id", "res.company"),
        Axis("portfolio", _lt("Portfolio"), SQL("debtor.portfolio_id"), "", "credit.portfolio", ("debtor",)),
        Axis("collector", _lt("Collector"), SQL("debtor.collector_id"), "", "res.users", ("debtor",)),
        Axis("segment", _lt("Segment"), SQL("debtor.segment_id"), "", "credit.segment", ("debtor",)),
        _partner_axis("salesperson", _lt("Salesperson"), "user_id", "res.users"),
        _partner_axis("country", _lt("Country"), "country_id", "res.country"),
        _partner_axis("state", _lt("Region"), "state_id", "res.country.state"),
        Axis("tag", _lt("Tag"), SQL("tags.ids"), "", "res.partner.category", ("tags",)),
        Axis("currency", _lt("Currency"), SQL("item.currency_id"), "currency_id", "res.currency"),
        Axis("account", _lt("Account"), SQL("item.account_id"), "account_id", "account.account"),
    )
}
