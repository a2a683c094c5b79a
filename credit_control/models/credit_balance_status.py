from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..core import delivery
from ..core import status as codes
from ..core.status import PRECEDENCE, RANKS, Fact, leading
from .company_day import company_today
from .customer_figures import join_per_customer

STATUSES = [
    (codes.LOST, "Lost"),
    (codes.DOUBTFUL, "Doubtful"),
    (codes.INSOLVENCY, "Insolvency"),
    (codes.LITIGATION, "Litigation"),
    (codes.FORMAL_NOTICE, "Formal notice"),
    (codes.PAUSED, "Paused"),
    (codes.DISPUTED, "Disputed"),
    (codes.PROMISED, "Promised"),
    (codes.REMINDED, "Reminded"),
    (codes.OVERDUE, "Overdue"),
    (codes.CURRENT, "Current"),
    (codes.SETTLED, "Owes nothing"),
]
# Facts that are told by the open items.
OF_ITEMS = frozenset({codes.REMINDED, codes.OVERDUE, codes.CURRENT})
# What a status is told by, where its words are read from there.
SOURCES = {
    codes.LOST: "credit.debtor",
    codes.DOUBTFUL: "credit.debtor",
    codes.INSOLVENCY: "credit.insolvency",
    codes.LITIGATION: "credit.litigation",
    codes.FORMAL_NOTICE: "credit.dunning.step",
    codes.PAUSED: "credit.dunning.pause",
    codes.DISPUTED: "credit.dispute",
    codes.PROMISED: "credit.promise",
    codes.REMINDED: "credit.dunning.step",
}


class CreditBalanceStatus(models.AbstractModel):
    """The status of a debtor, with its reason and since when: read from all that is known, stored nowhere.

    Each status is told by facts: rows of (customer, company, since, source). One query gathers those
    of any number of debtors, :mod:`~..core.status` says which goes first; the same rows make the
    status searchable, groupable and sortable.
    """

    _name = "credit.balance.status"
    _description = "Status of a debtor"

    status = fields.Selection(
        STATUSES,
        compute="_compute_status",
        search="_search_status",
        help="The leading one of all that holds: lost and doubtful are set by a person, all others follow from the "
        "books.",
    )
    status_reason = fields.Char(string="Reason of the status", compute="_compute_status")
    status_since = fields.Date(string="Status since", compute="_compute_status")
    manual_status = fields.Selection(
        [(codes.DOUBTFUL, "Doubtful"), (codes.LOST, "Lost")],
        string="Set by a person",
        readonly=True,
        tracking=True,
        index="btree_not_null",
    )
    manual_status_reason = fields.Char(string="Why", readonly=True, tracking=True)
    manual_status_on = fields.Date(string="Set on", readonly=True)
    manual_status_user_id = fields.Many2one("res.users", string="Set by", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._sign_manual_status(vals) for vals in vals_list])

    def write(self, vals):
        if "manual_status" in vals:
            self.invalidate_recordset(["status", "status_reason", "status_since"])
        return super().write(self._sign_manual_status(vals))

    def _sign_manual_status(self, vals):
        """Keep who gave a debtor their status by hand, and when: nobody can say otherwise."""
        vals = {key: value for key, value in vals.items() if key not in ("manual_status_on", "manual_status_user_id")}
        if "manual_status" not in vals:
            return vals
        given = bool(vals["manual_status"])
        return vals | {
            "manual_status_reason": vals.get("manual_status_reason") if given else False,
            "manual_status_on": company_today(self) if given else False,
            "manual_status_user_id": self.env.uid if given else False,
        }

    @api.constrains("manual_status", "manual_status_reason")
    def _check_manual_status(self):
        for debtor in self:
            if debtor.manual_status and not (debtor.manual_status_reason or "").strip():
                raise ValidationError(
                    self.env._("%s: say why the debt is doubtful or lost.", debtor.partner_id.display_name)
                )

    # -- reading ------------------------------------------------------------------------

    @api.depends("manual_status", "manual_status_reason")
    @api.depends_context("as_of", "uid", "lang")
    def _compute_status(self):
        facts = self._gather_status_facts()
        found = {debtor: leading(facts[debtor.partner_id.id, debtor.company_id.id]) for debtor in self}
        words = self._get_status_words(found.values())
        for debtor, fact in found.items():
            debtor.status = fact.status
            debtor.status_since = fact.since
            debtor.status_reason = words.get(fact, "")

    def _gather_status_facts(self):
        """Return ``{(customer id, company id): facts}``, at most one of each status, in one query."""
        facts = defaultdict(list)
        if not self.ids:
            return facts
        query = SQL(
            """
            SELECT DISTINCT ON (partner_id, company_id, rank) partner_id, company_id, rank, since, source
              FROM (%s) fact
             ORDER BY partner_id, company_id, rank, CASE WHEN rank = %s THEN NULL ELSE since END, since DESC, source
            """,
            self._get_facts_sql(PRECEDENCE, self.partner_id.ids, self.company_id.ids),
            RANKS[codes.REMINDED],
        )
        for partner_id, company_id, rank, since, source in self.env.execute_query(query):
            facts[partner_id, company_id].append(Fact(PRECEDENCE[rank], since, source))
        return facts

    def _get_status_words(self, facts):
        """Return ``{fact: its reason in words}``; one reading for each kind of source."""
        words = {}
        by_status = defaultdict(list)
        for fact in facts:
            by_status[fact.status].append(fact)
        for name, some in by_status.items():
            sources = self.env[SOURCES[name]].sudo() if name in SOURCES else None
            known = sources.browse({fact.source for fact in some}) if sources is not None else None
            tell = getattr(self, f"_tell_{name}", None)
            for fact in some if tell else ():
                words[fact] = tell(fact, known.browse(fact.source).with_prefetch(known.ids) if known else None)
        return words

    def _tell_lost(self, _fact, debtor):
        return debtor.manual_status_reason

    _tell_doubtful = _tell_lost

    def _tell_insolvency(self, _fact, insolvency):
        return dict(insolvency._fields["kind"]._description_selection(self.env))[insolvency.kind]

    def _tell_litigation(self, _fact, litigation):
        kinds = dict(litigation._fields["kind"]._description_selection(self.env))
        return litigation.handler_id.name or kinds[litigation.kind]

    def _tell_formal_notice(self, _fact, step):
        return step.name

    _tell_reminded = _tell_formal_notice

    def _tell_paused(self, _fact, pause):
        return pause.reason

    def _tell_disputed(self, _fact, dispute):
        return dispute.reason_id.name

    def _tell_promised(self, _fact, promise):
        amount = promise.currency_id.format(promise.amount)
        return self.env._("%(amount)s by %(day)s", amount=amount, day=format_date(self.env, promise.date))

    def _tell_overdue(self, fact, _source):
        late = (self.env["credit.open.item"]._as_of() - fact.since).days + 1
        return self.env._("%s days late", late)

    # -- searching, grouping, sorting ---------------------------------------------------

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = {code for code in value if code in RANKS}
        if codes.SETTLED in wanted:
            others = [code for code in PRECEDENCE if code not in wanted]
            return ~Domain("id", "in", self._get_debtors_sql(others)) if others else Domain.TRUE
        return Domain("id", "in", self._get_debtors_sql(wanted)) if wanted else Domain.FALSE

    def _get_debtors_sql(self, wanted):
        """Return the query of the ids of the debtors whose status is one of ``wanted``; never settled."""
        ranks = sorted(RANKS[code] for code in wanted)
        # What comes after the last of them can't go before it: it needn't be looked at.
        leaders = self._get_leaders_sql(PRECEDENCE[: ranks[-1] + 1])
        return SQL(
            """
            (SELECT debtor.id
               FROM credit_debtor debtor
               -- Outer, so that how few there may be isn't guessed, and each looked up.
          LEFT JOIN (%s) leader ON leader.partner_id = debtor.partner_id AND leader.company_id = debtor.company_id
              WHERE COALESCE(leader.rank, -1) = ANY(%s))
            """,
            leaders,
            ranks,
        )

    def _get_leaders_sql(self, statuses):
        """Return the query of the leading rank of each (customer, company) of whom something is known."""
        facts = self._get_facts_sql(statuses)
        return SQL("SELECT partner_id, company_id, MIN(rank) AS rank FROM (%s) fact GROUP BY 1, 2", facts)

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the status as SQL: lists can be sorted by it, and grouped."""
        if field_expr != "status" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        name = join_per_customer(query, alias, "status", self._get_leaders_sql(PRECEDENCE))
        rank = SQL("COALESCE(%s, %s)", SQL.identifier(name, "rank"), RANKS[codes.SETTLED])
        return SQL("(%s::varchar[])[1 + %s]", list(PRECEDENCE), rank)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by the precedence, not by the codes' letters."""
        if field_name != "status":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        place = SQL("array_position(%s::varchar[], %s)", list(PRECEDENCE), self._field_to_sql(alias, "status", query))
        return SQL("%s %s %s", place, direction, nulls)

    # -- facts --------------------------------------------------------------------------

    def _get_facts_sql(self, statuses, partner_ids=None, company_ids=None):
        """Return the query of (partner_id, company_id, rank, since, source) of the facts of ``statuses``.

        :param partner_ids: only of these customers
        """
        self._flush_status_sources()
        day = self.env["credit.open.item"]._as_of()
        company_ids = self.env.companies.ids if company_ids is None else company_ids
        scope = Domain("company_id", "in", company_ids)
        if partner_ids is not None:
            scope &= Domain("partner_id", "in", partner_ids)
        facts = [
            SQL("SELECT partner_id, company_id, %s AS rank, since, source FROM (%s) told", RANKS[code], told)
            for code in statuses
            for told in self._get_told_sql(code, day, scope)
        ]
        if not OF_ITEMS & set(statuses):
            return SQL(" UNION ALL ").join(facts) if facts else SQL("SELECT NULL, NULL, NULL, NULL, NULL WHERE FALSE")
        items = self.env["credit.open.item"]._get_items_sql(day, company_ids, partner_ids, with_bucket=False)
        return SQL("WITH open_item AS MATERIALIZED (%s) %s", items, SQL(" UNION ALL ").join(facts))

    def _flush_status_sources(self):
        self.env["credit.open.item"]._flush_sources()
        for name in ("credit.dunning.notice", "credit.dunning.notice.line", "credit.dunning.step"):
            self.env[name].flush_model()

    def _get_told_sql(self, code, day, scope):
        """Return the queries of (partner_id, company_id, since, source) that tell one status."""
        tell = getattr(self, f"_get_{code}_sql", None)
        return [tell(day, scope)] if tell else []

    def _select_facts(self, model, domain, since, source="id"):
        """Return the query of the facts that records of ``model`` tell, whoever asks."""
        records = self.env[model].sudo()
        query = records.with_context(active_test=True)._search(domain)
        columns = ("partner_id", "company_id", since, source)
        names = ("partner_id", "company_id", "since", "source")
        pairs = zip(columns, names, strict=True)
        return query.select(
            *(SQL("%s AS %s", SQL.identifier(query.table, column), SQL.identifier(name)) for column, name in pairs)
        )

    def _get_lost_sql(self, _day, scope):
        return self._select_facts("credit.debtor", scope & Domain("manual_status", "=", "lost"), "manual_status_on")

    def _get_doubtful_sql(self, _day, scope):
        domain = scope & Domain("manual_status", "=", "doubtful")
        return self._select_facts("credit.debtor", domain, "manual_status_on")

    def _get_insolvency_sql(self, day, scope):
        insolvencies = self.env["credit.insolvency"].sudo()
        query = insolvencies._search(scope & insolvencies._get_running_domain(day))
        return query.select(
            SQL("partner_id"), SQL("company_id"), SQL("LEAST(judgment_date, date) AS since"), SQL("id AS source")
        )

    def _get_litigation_sql(self, day, scope):
        domain = scope & self.env["credit.litigation"]._get_running_domain(day)
        return self._select_facts("credit.litigation", domain, "date_opened")

    def _get_paused_sql(self, _day, scope):
        pauses = self.env["credit.dunning.pause"]
        domain = scope & pauses._get_domain_on(company_today(self)) & Domain("partner_id", "!=", False)
        return self._select_facts("credit.dunning.pause", domain, "date_start")

    def _get_disputed_sql(self, _day, scope):
        return self._select_facts("credit.dispute", scope & Domain("state", "=", "open"), "date")

    def _get_promised_sql(self, _day, scope):
        return self._select_facts("credit.promise", scope & Domain("state", "=", "open"), "date_recorded")

    def _get_formal_notice_sql(self, _day, scope):
        """Formal notices that left for an item of which something is still open."""
        notices = self.env["credit.dunning.notice"].sudo()
        formal = Domain("step_id.is_formal_notice", "=", True) & Domain("state", "in", delivery.LEFT)
        formal &= Domain(
            "line_ids",
            "any!",
            Domain("live", "=", True)
            & Domain("step_id.is_formal_notice", "=", True)
            & Domain("move_line_id.amount_residual", ">", 0),
        )
        return self._select_facts(notices._name, scope & formal, "left_on", "step_id")

    def _get_reminded_sql(self, _day, _scope):
        """The last reminder of each customer that left after its item was due."""
        return SQL(
            """
            SELECT DISTINCT ON (item.partner_id, item.company_id)
                   item.partner_id, item.company_id, notice.left_on AS since, line.step_id AS source
              FROM open_item item
              JOIN credit_dunning_notice_line line ON line.move_line_id = item.id AND line.live
              JOIN credit_dunning_notice notice ON notice.id = line.notice_id
             WHERE item.amount_residual > 0
               AND item.days_overdue > 0
               AND line.step_id IS NOT NULL
               AND notice.state IN %s
               AND notice.left_on > item.date_maturity
             ORDER BY item.partner_id, item.company_id, notice.left_on DESC, notice.id DESC
            """,
            delivery.LEFT,
        )

    def _get_overdue_sql(self, _day, _scope):
        return SQL(
            """
            SELECT partner_id, company_id, MIN(date_maturity) + 1 AS since, NULL::int AS source
              FROM open_item
             WHERE amount_residual > 0 AND days_overdue > 0
             GROUP BY partner_id, company_id
            """
        )

    def _get_current_sql(self, _day, _scope):
        return SQL(
            "SELECT partner_id, company_id, NULL::date AS since, NULL::int AS source"
            " FROM open_item GROUP BY partner_id, company_id"
        )
