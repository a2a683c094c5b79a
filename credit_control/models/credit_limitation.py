from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import delivery, limitation
from .company_day import company_today
from .receipt import IS_RECEIPT, flush_receipts

# An acknowledgement must be provable: what was said on the telephone isn't.
WRITTEN = ("email", "letter", "portal", "plan")
# Messages that a public debtor gets in writing.
WRITTEN_CHANNELS = ("email", "letter", "registered_letter")
SOON_DAYS = 90


class CreditLimitation(models.AbstractModel):
    """Until when each open item can be brought before a court, and how many days are left.

    By the regime of the customer; a part payment or a written promise begins the time anew for all items of the
    invoice. Writing a part off doesn't: the debtor has acknowledged nothing.
    """

    _name = "credit.limitation"
    _description = "Limitation of open items"

    limitation_date = fields.Date(
        string="Limitation",
        compute="_compute_limitation",
        search="_search_limitation_date",
        help="The last day on which the claim can be brought before a court. A part payment or a written promise "
        "begins the time anew; a formal notice doesn't.",
    )
    limitation_days = fields.Integer(string="Days to limitation", compute="_compute_limitation")

    @api.depends_context("as_of")
    def _compute_limitation(self):
        day, last_of = self._as_of(), self._get_limitations(self.ids)
        for item in self:
            last = last_of.get(item.id)
            item.limitation_date = last or False
            item.limitation_days = (last - day).days if last else 0

    def _search_limitation_date(self, operator, value):
        """Search the open items: their limitation is reckoned, not stored."""
        if operator not in ("in", "<", "<=", ">", ">="):
            return NotImplemented
        items = self.search([("amount_residual", ">", 0)])
        found = Domain("id", "in", items.filtered_domain([("limitation_date", operator, value)]).ids)
        if operator == "in" and False in value:
            # Those without one, credits among them.
            found |= Domain("id", "not in", items.filtered("limitation_date").ids)
        return found

    @api.model
    def _get_limitations(self, line_ids):
        """Return ``{item id: last day}`` of these items, in few queries; without those whose law isn't known."""
        day = self._as_of()
        rows = self._query_limited(line_ids)
        regime_of = self._get_limitation_regimes(rows)
        events = self._query_limitation_events([row["move_id"] for row in rows], day)
        periods = {regime: regime._prepare_period() for regime in set(regime_of.values()) if regime}
        return {
            row["id"]: limitation.expires(periods[regime_of[row["id"]]], row["due"], events[row["move_id"]])
            for row in rows
            if regime_of[row["id"]]
        }

    def _query_limited(self, line_ids):
        self.env["account.move.line"].flush_model(["date", "date_maturity", "move_id", "partner_id"])
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT line.id, line.move_id, line.company_id, COALESCE(line.date_maturity, line.date) AS due,
                       COALESCE(partner.commercial_partner_id, line.partner_id) AS partner_id
                  FROM account_move_line line
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.id = ANY(%s) AND line.balance > 0
                """,
                list(line_ids),
            )
        )

    def _get_limitation_regimes(self, rows):
        """Return ``{item id: regime}``."""
        cards = self.env["credit.debtor"].sudo()
        keys = {(row["partner_id"], row["company_id"]) for row in rows if row["partner_id"]}
        found = cards.search(
            [("partner_id", "in", [key[0] for key in keys]), ("company_id", "in", [key[1] for key in keys])]
        )
        known = {(card.partner_id.id, card.company_id.id): card for card in found}
        regimes = self.env["credit.interest.regime"].sudo()
        terms = [one.regime for one in regimes._get_terms({key[1] for key in keys})]
        regime_of = {
            key: (known.get(key) or cards.new({"partner_id": key[0], "company_id": key[1]}))._get_regime(terms)
            for key in keys
        }
        return {row["id"]: regime_of.get((row["partner_id"], row["company_id"]), regimes) for row in rows}

    def _query_limitation_events(self, move_ids, day):
        """Return ``{document id: [Event]}`` up to ``day``: part payments, written promises, written demands."""
        for model, names in (
            ("account.move.line", ["move_id", "parent_state"]),
            ("account.partial.reconcile", ["debit_move_id", "credit_move_id", "max_date"]),
            ("credit.promise", ["channel", "date_recorded", "move_line_ids", "state"]),
            ("credit.dunning.notice", ["channel_id", "left_on", "state"]),
            ("credit.dunning.notice.line", ["move_line_id", "notice_id"]),
        ):
            self.env[model].flush_model(names)
        flush_receipts(self.env)
        events = defaultdict(list)
        for kind, move_id, on in self.env.execute_query(self._get_limitation_events_sql(move_ids, day)):
            events[move_id].append(limitation.Event(on, kind))
        return events

    def _get_limitation_events_sql(self, move_ids, day):
        return SQL(
            """
            SELECT %(payment)s AS kind, debit.move_id, partial.max_date
              FROM account_move_line debit
              JOIN account_account account ON account.id = debit.account_id
              JOIN account_partial_reconcile partial ON partial.debit_move_id = debit.id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_journal journal ON journal.id = credit.journal_id
             WHERE debit.move_id = ANY(%(moves)s)
               AND account.account_type = 'asset_receivable'
               AND %(is_receipt)s
               AND credit.parent_state = 'posted'
               AND partial.max_date <= %(day)s
             UNION ALL
            SELECT %(acknowledgement)s, line.move_id, promise.date_recorded
              FROM account_move_line line
              JOIN account_move_line_credit_promise_rel rel ON rel.account_move_line_id = line.id
              JOIN credit_promise promise ON promise.id = rel.credit_promise_id
             WHERE line.move_id = ANY(%(moves)s)
               AND promise.channel IN %(written)s
               AND promise.state <> 'cancelled'
               AND promise.date_recorded <= %(day)s
             UNION ALL
            SELECT %(demand)s, line.move_id, notice.left_on
              FROM account_move_line line
              JOIN credit_dunning_notice_line claimed ON claimed.move_line_id = line.id
              JOIN credit_dunning_notice notice ON notice.id = claimed.notice_id
              JOIN credit_channel channel ON channel.id = notice.channel_id
             WHERE line.move_id = ANY(%(moves)s)
               AND notice.state IN %(left)s
               AND channel.code IN %(channels)s
               AND notice.left_on <= %(day)s
            """,
            payment=limitation.PAYMENT,
            is_receipt=IS_RECEIPT,
            acknowledgement=limitation.ACKNOWLEDGEMENT,
            demand=limitation.DEMAND,
            moves=list(move_ids),
            day=day,
            written=WRITTEN,
            left=tuple(delivery.LEFT),
            channels=WRITTEN_CHANNELS,
        )


class CreditLimitationCard(models.AbstractModel):
    """The next limitation of a customer's claims, on the card."""

    _name = "credit.limitation.card"
    _description = "Limitation on the card"

    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    open_item_ids = fields.Many2many("credit.open.item", string="Open items")

    limitation_date = fields.Date(
        string="Next limitation",
        compute="_compute_limitation",
        help="The first day after which one of the open items can't be brought before a court any more.",
    )
    limitation_soon = fields.Boolean(string="Limitation is near", compute="_compute_limitation", help="Within 90 days.")

    @api.depends("open_item_ids")
    @api.depends_context("as_of", "uid", "lang")
    def _compute_limitation(self):
        claims = self.open_item_ids.filtered(lambda item: item.amount_residual > 0)
        last_of = claims._get_limitations(claims.ids)
        for debtor in self:
            first = min((last_of[item] for item in debtor.open_item_ids.ids if item in last_of), default=False)
            debtor.limitation_date = first
            debtor.limitation_soon = bool(first) and (first - company_today(debtor)).days <= SOON_DAYS
