from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import guard, reasons
from ..core.items import Item
from .company_day import company_today, company_zone, zone_today
from .credit_open_item import SETTLED_STATES

COLUMNS = (
    "id",
    "move_id",
    "date",
    "date_maturity",
    "amount_residual",
    "amount_disputed",
    "amount_promised",
    "collected",
    "no_followup",
    "non_trade",
    "payment_state",
)


class Terms(NamedTuple):
    """What all notices of a policy and company share, read once for a batch.

    The minimum (company currency) and its rounding, the place of each step, the time zone of the company.
    """

    minimum: float
    rounding: float
    ranks: dict[int, int]
    zone: ZoneInfo


class CreditDunningGuard(models.AbstractModel):
    """The last look before a notice leaves: each item is read again, what changed is taken off."""

    _name = "credit.dunning.guard"
    _description = "Last look before a notice leaves"

    def _review(self, terms=None):
        """Read the items of one notice again, and take off it what isn't to be claimed any more.

        :param terms: what :meth:`_get_terms` gave, where it is known already
        :return: the :class:`~..core.guard.Verdict`; its lines are already corrected where it
            may leave with a lower claim
        """
        self.ensure_one()
        terms = terms or self._get_terms()
        items = self._read_open_items(zone_today(terms.zone))
        claims = self._get_claims(terms.ranks)
        verdict = guard.review(claims, items, self._get_credits(items, claims), terms.minimum, terms.rounding)
        if verdict.is_changed and not verdict.reason:
            self._correct(verdict, items)
        return verdict

    def _get_terms(self):
        """Return what the policy says of a notice: the same for all notices of a policy and company."""
        steps = self.policy_id.step_ids.sorted()
        ranks = {step: rank for rank, step in enumerate(steps.ids)}
        rounding = self.company_id.currency_id.rounding
        return Terms(self.policy_id.minimum_amount, rounding, ranks, company_zone(self.company_id))

    def _get_claims(self, ranks):
        lines = self.env["credit.dunning.notice.line"].search_fetch(
            [("notice_id", "=", self.id)], ["move_line_id", "amount_company", "step_id"]
        )
        return [
            guard.Claim(
                line=line.id,
                item=line.move_line_id.id or None,
                amount=line.amount_company,
                rank=ranks.get(line.step_id.id, 0) if line.step_id else None,
            )
            for line in lines
        ]

    def _read_open_items(self, today=None):
        """Return ``{item: Item}`` of all that is open of this customer, as it is now.

        :param today: the company's day, where it is known already
        """
        # The rows are read by SQL whatever the cache remembers: they may have changed since.
        today = today or company_today(self)
        rows = self._read_open_rows(today)
        holds = self._get_item_holds(rows, today)
        return {
            row["id"]: Item(
                id=row["id"],
                debtor=self.debtor_id.id,
                due=row["date_maturity"],
                residual=float(row["amount_residual"]),
                disputed=float(row["amount_disputed"] or 0),
                promised=float(row["amount_promised"] or 0),
                holds=frozenset(holds[row["id"]]),
            )
            for row in rows
        }

    def _read_open_rows(self, today):
        self.env.flush_all()
        open_items = self.env["credit.open.item"]
        plain = open_items._read_plain_now(self.company_id, self.partner_id, today)
        if plain is not None:
            return plain
        query = open_items._get_items_sql(
            today, company_ids=self.company_id.ids, partner_ids=self.partner_id.ids, with_bucket=False
        )
        columns = SQL(", ").join(SQL.identifier("item", name) for name in COLUMNS)
        return self.env.execute_query_dict(SQL("SELECT %s FROM (%s) item", columns, query))

    def _get_item_holds(self, rows, today):
        """Return ``{item: reason codes}`` of what keeps each of ``rows`` back today.

        Extended by what knows of another reason not to remind.
        """
        debtor = self.debtor_id
        # Most customers have never had anything of it: not asked for, where the reading of the items says so.
        may_be_held = any(row.get("may_be_held", True) for row in rows)
        running = debtor._query_procedures(today) if may_be_held else {}
        blocks = debtor._get_blocks(today, running).get(debtor.id, set())
        documents = [(row["id"], debtor.id, row["date"]) for row in rows]
        procedures = debtor._get_item_blocks(today, documents, running)
        paused = self._get_paused_moves([row["move_id"] for row in rows], today) if may_be_held else set()
        return {
            row["id"]: blocks
            | procedures.get(row["id"], set())
            | self._get_row_holds(row)
            | ({reasons.PAUSED} if {row["move_id"], None} & paused else set())
            for row in rows
        }

    def _get_paused_moves(self, move_ids, today):
        """Return those of the entries that are paused; None among them where the customer is."""
        pauses = self.env["credit.dunning.pause"]
        target = Domain("partner_id", "=", self.partner_id.id) | Domain("move_id", "in", move_ids)
        domain = Domain("company_id", "=", self.company_id.id) & target & pauses._get_domain_on(today)
        pauses = pauses.search_fetch(domain, ["move_id"])
        return {pause.move_id.id or None for pause in pauses}

    def _get_row_holds(self, row):
        held = {
            reasons.NOT_TRADE: row["non_trade"],
            reasons.NO_FOLLOWUP: row["no_followup"],
            reasons.PAYMENT_BLOCKED: row["payment_state"] == "blocked",
            reasons.SETTLED: row["payment_state"] in SETTLED_STATES,
            reasons.COLLECTED: row["collected"],
        }
        return {code for code, holds in held.items() if holds}

    def _get_credits(self, items, claims):
        """Return the credits that this notice may set off: a message by another policy may use some."""
        unusable = {reasons.NOT_TRADE, reasons.SETTLED}
        credits = [item for item in items.values() if item.residual < 0 and not item.holds & unusable]
        new = {credit.id for credit in credits} - {claim.item for claim in claims}
        used = self._get_credits_used_elsewhere(new) if new else set()
        return [credit for credit in credits if credit.id not in used]

    def _get_credits_used_elsewhere(self, line_ids):
        lines = self.env["credit.dunning.notice.line"].search_fetch(
            [
                ("move_line_id", "in", list(line_ids)),
                ("live", "=", True),
                ("notice_id.debtor_id", "=", self.debtor_id.id),
                ("notice_id.run_id", "=", self.run_id.id),
                ("notice_id.policy_id", "!=", self.policy_id.id),
            ],
            ["move_line_id"],
        )
        return set(lines.move_line_id.ids)

    # -- correct ------------------------------------------------------------------------

    def _correct(self, verdict, items):
        """Write a lower claim: lines off, lines lowered, new credits, another highest step."""
        self.line_ids.browse(verdict.removed).unlink()
        for line_id, amount in verdict.lowered.items():
            line = self.line_ids.browse(line_id)
            line._lower(amount, items[line.move_line_id.id])
        self.env["credit.dunning.notice.line"].create([self._prepare_credit_vals(item) for item in verdict.added])
        self.invalidate_recordset(["line_ids"])
        steps = self.line_ids.step_id.sorted()
        self._apply({"amount_total": verdict.amount, "step_id": steps[-1:].id or self.step_id.id})

    def _prepare_credit_vals(self, item):
        line = self.env["account.move.line"].browse(item.id)
        return {
            "notice_id": self.id,
            "company_id": self.company_id.id,
            "channel_id": self.channel_id.id,
            "move_line_id": line.id,
            "is_credit": True,
            "occurrence": 0,
            "reference": line.move_name or line.name or "–",
            "date": line.date,
            "date_due": line.date_maturity or line.date,
            "currency_id": line.currency_id.id,
            "amount": line.amount_residual_currency,
            "amount_company": item.residual,
            "amount_original": line.amount_currency,
        }
