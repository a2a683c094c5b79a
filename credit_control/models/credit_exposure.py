from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL

from ..exposure_sources.abstract import ID_BITS, Scope
from .company_day import company_today

GROUP_SQL = SQL(
    """
    (WITH RECURSIVE up AS (
        SELECT id, parent_id FROM res_partner WHERE id = exposure.partner_id
         UNION
        SELECT parent.id, parent.parent_id FROM res_partner parent JOIN up ON parent.id = up.parent_id
     )
     SELECT id FROM up WHERE parent_id IS NULL LIMIT 1)
    """
)
# Up to how many customers it is asked first what there is of them: most have no order that waits for its invoice.
FEW = 20
# A column, so that groups of a list can say in which currency they add up.
CURRENCY_SQL = SQL("(SELECT currency_id FROM res_company WHERE id = exposure.company_id)")


class CreditExposure(models.Model):
    """What we risk with each customer, row by row: made by the active sources, stored nowhere.

    What it is: a row for each record that a source selected, in the currency of its company. Its id is
    made of the source and the record, so it stays the same as long as both do.

    How it works: the union of the sources' own queries. What several of them read (the open items)
    is read once. A search for some customers or companies is handed to the sources, so that one
    customer is answered in milliseconds. It is always of today.
    """

    _name = "credit.exposure"
    _description = "Exposure"
    _inherit = "credit.live.rows"
    _auto = False
    _rec_name = "reference"
    _order = "date_due, id"
    _scope_arguments = {"partner_id": "partner_ids", "company_id": "company_ids", "source_id": "source_ids"}
    _scope_limit = 500
    # The sources' own models: a glue addon adds those of its sources.
    _depends = {
        "credit.open.item": ["amount_residual"],
        "account.move": [
            "amount_total_signed",
            "commercial_partner_id",
            "company_id",
            "invoice_date_due",
            "move_type",
            "name",
            "ref",
            "state",
        ],
        "account.move.line": ["balance", "date", "date_maturity"],
        "account.payment": [
            "amount_company_currency_signed",
            "company_id",
            "date",
            "is_matched",
            "memo",
            "move_id",
            "name",
            "partner_id",
            "partner_type",
            "payment_method_line_id",
            "payment_type",
            "state",
        ],
        "account.payment.method.line": ["credit_collection"],
        "credit.exposure.source": ["active", "code", "handler"],
        "res.company": ["currency_id"],
        "res.partner": ["commercial_partner_id", "parent_id"],
    }

    source_id = fields.Many2one("credit.exposure.source", readonly=True)
    source = fields.Char(string="Source code", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, help="The commercial partner.")
    group_id = fields.Many2one("res.partner", readonly=True, help="The topmost company that the customer belongs to.")
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", string="Company currency", readonly=True)
    amount = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="In company currency, at the rate of the document itself; credits are negative.",
    )
    date_due = fields.Date(string="Due date", readonly=True)
    res_model = fields.Char(string="Document type", readonly=True)
    res_id = fields.Integer(string="Document id", readonly=True, aggregator=None)
    reference = fields.Char(readonly=True)

    # -- reading through the ORM ----------------------------------------------------

    def _get_rows_sql(self, **scope):
        return self._get_exposures_sql(**scope)

    def _as_query(self, ordered=True):
        """Read only these records of their sources: an id says which they are."""
        records_of = {}
        for exposure_id in self.ids:
            records_of.setdefault(exposure_id >> ID_BITS, []).append(exposure_id & ((1 << ID_BITS) - 1))
        scope = {"source_ids": list(records_of), "records_of": records_of}
        return super(CreditExposure, self._with_scope(scope))._as_query(ordered)

    # -- the query --------------------------------------------------------------------

    @api.model
    def _get_exposures_sql(self, company_ids=None, partner_ids=None, source_ids=None, records_of=None):
        """Return the query of what is risked today.

        :param company_ids: only of these companies
        :param partner_ids: only of these commercial partners
        :param source_ids: only of these sources, active or not
        :param records_of: ``{source id: record ids}``: only these
        """
        scope = self._prepare_scope(company_ids, partner_ids, None)
        columns = SQL("exposure.*, %s AS group_id, %s AS company_currency_id", GROUP_SQL, CURRENCY_SQL)
        sources = self.env["credit.exposure.source"]._get_counted(source_ids)
        return self._select(columns, sources, scope, records_of)

    @api.model
    def _select(self, columns, sources, scope, records_of=None):
        """Return the query of ``columns`` of ``exposure``: the rows of ``sources`` within ``scope``."""
        shared, rows = {}, []
        for source in sources:
            handler = self.env[source.handler]
            if handler._shared and handler._shared not in shared:
                of_all = replace(scope, record_ids=self._join_ids(records_of))
                shared[handler._shared] = handler._get_shared_sql(of_all)
            own = replace(scope, record_ids=tuple(records_of.get(source.id, ()))) if records_of else scope
            rows.append(handler._get_rows_sql(source, own))
        return SQL(
            "%s SELECT %s FROM (%s) exposure",
            self._get_shared_sql(shared),
            columns,
            SQL(" UNION ALL ").join(rows or [self._get_nothing_sql()]),
        )

    def _prepare_scope(self, company_ids, partner_ids, record_ids):
        return Scope(
            today=company_today(self.env.company),
            company_ids=None if company_ids is None else tuple(company_ids),
            partner_ids=None if partner_ids is None else tuple(partner_ids),
            record_ids=None if record_ids is None else tuple(record_ids),
        )

    @api.model
    def _join_ids(self, records_of):
        if records_of is None:
            return None
        return tuple(record_id for ids in records_of.values() for record_id in ids)

    @api.model
    def _get_shared_sql(self, shared):
        if not shared:
            return SQL()
        ctes = [SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), query) for name, query in shared.items()]
        return SQL("WITH %s", SQL(", ").join(ctes))

    @api.model
    def _get_nothing_sql(self):
        """Return a query with the columns and no row, for where every source is switched off."""
        return SQL(
            """
            SELECT NULL::bigint AS id, NULL::int AS source_id, NULL::varchar AS source, NULL::int AS partner_id,
                   NULL::int AS company_id, NULL::numeric AS amount, NULL::date AS date_due,
                   NULL::varchar AS res_model, NULL::int AS res_id, NULL::varchar AS reference
             WHERE FALSE
            """
        )

    # -- figures ------------------------------------------------------------------------

    @api.model
    def _get_amounts(self, companies, partner_ids=None):
        """Return ``{commercial partner id: {company id: {source code: amount}}}``, whoever asks.

        One query, whatever the number of customers; of a few it is asked first what there is of them, because planning
        the statement takes longer then than running it. Those who owe nothing are missing.

        :param companies: the companies to read; amounts are in the currency of each
        :param partner_ids: commercial partners; None: all
        """
        asked = None if partner_ids is None else set(partner_ids)
        is_narrow = asked is not None and len(asked) <= self._scope_limit
        scope = self._prepare_scope(companies.ids, asked if is_narrow else None, None)
        self._flush_sources()
        sources, scope = self._narrow(self.env["credit.exposure.source"]._get_counted(), scope)
        query = self._select(SQL("partner_id, company_id, source, SUM(amount)::float8"), sources, scope)
        amounts = {}
        for partner_id, company_id, source, amount in self.env.execute_query(SQL("%s GROUP BY 1, 2, 3", query)):
            if asked is None or partner_id in asked:
                amounts.setdefault(partner_id, {}).setdefault(company_id, {})[source] = amount
        return amounts

    def _flush_sources(self):
        """Write to the database what the query reads."""
        self.env["credit.open.item"]._flush_sources()
        for model, names in self._depends.items():
            self.env[model].flush_model(names)

    @api.model
    def _narrow(self, sources, scope):
        """Return the sources that a few customers have anything of, and the scope with what else is known of them."""
        if scope.partner_ids is None or len(scope.partner_ids) > FEW:
            return sources, scope
        items = self.env["credit.open.item"].sudo()
        asked = {"": items._get_stands_sql(scope.today, scope.partner_ids)}
        for source in sources:
            handler = self.env[source.handler]
            if handler._presence and handler._presence not in asked:
                asked[handler._presence] = handler._get_presence_sql(scope)
        (answers,) = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(asked.values())))
        known = dict(zip(asked, answers, strict=True))
        stands = known.pop("")
        sources = [source for source in sources if known.get(self.env[source.handler]._presence, True)]
        return sources, replace(scope, stands=stands)

    # -- buttons ------------------------------------------------------------------------

    def action_open_document(self):
        """Open the document of this row."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)._get_records_action()
