"""By what receivables are added up: customer, portfolio, segment…"""

from dataclasses import dataclass

from odoo import models
from odoo.tools import SQL, LazyTranslate

from odoo.addons.credit_control.core import status
from odoo.addons.credit_control.core.delivery import LEFT

from ..core.tables import tell_apart

_lt = LazyTranslate(__name__)

PLAN_PREFIX = "analytic_"


@dataclass(frozen=True)
class Axis:
    """One way to group open items.

    ``expression`` gives the key of an item in SQL, ``join`` the name of what it reads beside the item (see
    ``CreditAgedAxis._get_join_sql``). Keys are ids of ``model``: one, or several with commas between where an item may
    have several (tags), so that none counts twice. Where ``field`` is named, they are values of that selection.
    """

    code: str
    label: object
    model: str
    expression: SQL
    join: str = ""
    field: str = ""
    owner: str = ""


def _of(table, column, code, label, model):
    """Return the axis by a column of the item, the customer (``partner``), their card (``debtor``), the entry…"""
    return Axis(code, label, model, SQL.identifier(table, column), "" if table == "item" else table)


STATUS_SQL = SQL(
    "(%s::varchar[])[1 + COALESCE(status.rank, %s)]", list(status.PRECEDENCE), status.RANKS[status.SETTLED]
)
AXES = {
    axis.code: axis
    for axis in (
        _of("item", "partner_id", "customer", _lt("Customer"), "res.partner"),
        _of("debtor", "portfolio_id", "portfolio", _lt("Portfolio"), "credit.portfolio"),
        _of("debtor", "collector_id", "collector", _lt("Collector"), "res.users"),
        _of("debtor", "segment_id", "segment", _lt("Segment"), "credit.segment"),
        _of("partner", "user_id", "salesperson", _lt("Salesperson"), "res.users"),
        Axis("status", _lt("Status"), "credit.debtor", STATUS_SQL, "status", "status"),
        Axis(
            "level",
            _lt("Last reminder"),
            "credit.dunning.step",
            SQL.identifier("level", "step_id"),
            "level",
            owner="policy_id",
        ),
        _of("cause", "id", "cause", _lt("Cause of delay"), "credit.delay.cause"),
        _of("reason", "reason_id", "reason", _lt("Reason of the dispute"), "credit.dispute.reason"),
        _of("partner", "country_id", "country", _lt("Country"), "res.country"),
        _of("partner", "state_id", "state", _lt("Region"), "res.country.state"),
        Axis("tag", _lt("Tag"), "res.partner.category", SQL("tags.ids"), "tags"),
        Axis(
            "group",
            _lt("Group of companies"),
            "res.partner",
            SQL("COALESCE(holding.id, item.partner_id)"),
            "holding",
        ),
        _of("item", "company_id", "company", _lt("Company"), "res.company"),
        _of("item", "currency_id", "currency", _lt("Currency"), "res.currency"),
        _of("item", "account_id", "account", _lt("Account"), "account.account"),
        _of("item", "journal_id", "journal", _lt("Journal"), "account.journal"),
    )
}

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
    # The topmost company above a customer; none where there is none above. Only customers that belong to another
    # company are looked at: a few, where all partners and contacts are many.
    "holding": SQL(
        """
        LEFT JOIN (
            WITH RECURSIVE above AS (
                SELECT id AS partner_id, parent_id AS id
                  FROM res_partner
                 WHERE parent_id IS NOT NULL
                   AND commercial_partner_id = id
                 UNION ALL
                SELECT above.partner_id, higher.parent_id
                  FROM above
                  JOIN res_partner higher ON higher.id = above.id
                 WHERE higher.parent_id IS NOT NULL
            )
            SELECT above.partner_id, above.id
              FROM above
              JOIN res_partner top ON top.id = above.id
             WHERE top.parent_id IS NULL
        ) holding ON holding.partner_id = item.partner_id
        """
    ),
}


class CreditAgedAxis(models.AbstractModel):
    """The axes of the aged balance, with what they read: customers, cards, reminders, causes, divisions."""

    _name = "credit.aged.axis"
    _description = "Axes of the aged balance"

    def _get_axes(self):
        """Return ``{code: Axis}`` of all that there are: those of :data:`AXES` and one for each analytic plan."""
        plans = self.env["account.analytic.plan"].sudo().search([("parent_id", "=", False)])
        return AXES | {axis.code: axis for axis in map(self._get_plan_axis, plans)}

    def _get_plan_axis(self, plan):
        """Return the axis by the analytic accounts of ``plan`` that the lines of an entry name (divisions…)."""
        code = f"{PLAN_PREFIX}{plan.id}"
        return Axis(code, plan.name, "account.analytic.account", SQL.identifier(code, "ids"), code)

    def _get_join_sql(self, name, as_of):
        """Return the join ``name`` of what an axis reads, as of a day."""
        if name in JOINS:
            return JOINS[name]
        if name.startswith(PLAN_PREFIX):
            return self._get_plan_join_sql(name)
        return getattr(self, f"_get_{name}_join_sql")(as_of)

    def _get_status_join_sql(self, as_of):
        leaders = self.env["credit.debtor"].with_context(as_of=as_of)._get_leaders_sql(status.PRECEDENCE)
        return SQL(
            "LEFT JOIN (%s) status ON status.partner_id = item.partner_id AND status.company_id = item.company_id",
            leaders,
        )

    def _get_level_join_sql(self, as_of):
        """The step of the last reminder of an item that had left by then."""
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT line.step_id
                  FROM credit_dunning_notice_line line
                  JOIN credit_dunning_notice notice ON notice.id = line.notice_id
                 WHERE line.move_line_id = item.id
                   AND line.live
                   AND line.step_id IS NOT NULL
                   AND notice.state IN %s
                   AND notice.left_on <= %s
                 ORDER BY line.id DESC
                 LIMIT 1
            ) level ON TRUE
            """,
            LEFT,
            as_of,
        )

    def _get_cause_join_sql(self, as_of):
        items = self.env["credit.open.item"].with_context(as_of=as_of)
        cause = items._get_cause_sql(SQL.identifier("item", "id"))
        return SQL("LEFT JOIN LATERAL (SELECT %s AS id) cause ON TRUE", cause)

    def _get_reason_join_sql(self, as_of):
        """The reason of the oldest dispute of an item that ran on the day."""
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT dispute.reason_id
                  FROM credit_dispute_line disputed
                  JOIN credit_dispute dispute ON dispute.id = disputed.dispute_id
                 WHERE disputed.move_line_id = item.id
                   AND dispute.date <= %(as_of)s
                   AND (dispute.state = 'open' OR dispute.closed_on > %(as_of)s)
                 ORDER BY dispute.id
                 LIMIT 1
            ) reason ON TRUE
            """,
            as_of=as_of,
        )

    def _get_plan_join_sql(self, name):
        """The accounts of a plan that any line of the item's entry is shared out to."""
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT ARRAY_TO_STRING(ARRAY_AGG(DISTINCT account.id ORDER BY account.id), ',') AS ids
                  FROM account_move_line line
                 CROSS JOIN LATERAL jsonb_object_keys(line.analytic_distribution) AS shared(ids)
                 CROSS JOIN LATERAL unnest(string_to_array(shared.ids, ',')) AS part(id)
                  JOIN account_analytic_account account ON account.id = part.id::int
                 WHERE line.move_id = item.move_id
                   AND line.analytic_distribution IS NOT NULL
                   AND account.root_plan_id = %(plan)s
            ) %(name)s ON TRUE
            """,
            plan=int(name.removeprefix(PLAN_PREFIX)),
            name=SQL.identifier(name),
        )

    # -- words ----------------------------------------------------------------------

    def _get_axis_labels(self):
        """Return ``{code: words}`` of the axes; a plan's words are its name."""
        env = self.env
        return {
            code: axis.label if code.startswith(PLAN_PREFIX) else env._(axis.label)
            for code, axis in self._get_axes().items()
        }

    def _get_labels(self, code, keys):
        """Return ``{key: words}`` of what the keys of an axis stand for, in a query or two."""
        axis = self._get_axes()[code]
        if axis.field:
            words = dict(self.env[axis.model]._fields[axis.field]._description_selection(self.env))
            return {key: words.get(key, key) for key in keys}
        ids_of = {key: _read_ids(key) for key in keys}
        records = self.env[axis.model].sudo().with_context(active_test=False)
        records = records.browse({record_id for ids in ids_of.values() for record_id in ids})
        # A customer's display name is worked out one by one, this one is stored: the same for a commercial partner.
        field = "complete_name" if axis.model == "res.partner" else "display_name"
        names = {record.id: record[field] or "" for record in records}
        if axis.owner:
            names = tell_apart(names, {record.id: record[axis.owner].display_name for record in records})
        none = self.env._("(none)")
        return {key: ", ".join(names[record_id] for record_id in ids) or none for key, ids in ids_of.items()}


def _read_ids(key):
    """Return the ids that the key of a group stands for."""
    return [int(part) for part in str(key).split(",")] if key else []
