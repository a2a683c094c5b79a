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

    ``expression`` gives the key of an item in SQL, ``join`` the name in :data:`JOINS` of what it reads. Keys are ids of
    ``model``: one, or several with commas between where an item may have several (tags), so that none counts twice.
    """

    code: str
    label: object
    model: str
    expression: SQL
    join: str = ""


def _of(table, column, code, label, model):
    """Return the axis by a column of the customer (``partner``) or of their card (``debtor``)."""
    return Axis(code, label, model, SQL.identifier(table, column), table)


AXES = {
    axis.code: axis
    for axis in (
        Axis("customer", _lt("Customer"), "res.partner", SQL("item.partner_id")),
        _of("debtor", "portfolio_id", "portfolio", _lt("Portfolio"), "credit.portfolio"),
        _of("debtor", "collector_id", "collector", _lt("Collector"), "res.users"),
        _of("debtor", "segment_id", "segment", _lt("Segment"), "credit.segment"),
        _of("partner", "user_id", "salesperson", _lt("Salesperson"), "res.users"),
        _of("partner", "country_id", "country", _lt("Country"), "res.country"),
        _of("partner", "state_id", "state", _lt("Region"), "res.country.state"),
        Axis("tag", _lt("Tag"), "res.partner.category", SQL("tags.ids"), "tags"),
        Axis("company", _lt("Company"), "res.company", SQL("item.company_id")),
        Axis("currency", _lt("Currency"), "res.currency", SQL("item.currency_id")),
        Axis("account", _lt("Account"), "account.account", SQL("item.account_id")),
    )
}
