from collections import defaultdict

from odoo import models

from odoo.addons.credit_control.core.status import DOUBTFUL, INSOLVENCY, LITIGATION, LOST, PRECEDENCE

from ..core.provision import Claim, provide
from ..core.tables import AMOUNT, COUNT, PERCENT, Column, Report, Row, Table, sum_rows

STATUSES = (LOST, DOUBTFUL, INSOLVENCY, LITIGATION)


class CreditReportProvision(models.AbstractModel):
    """The provision for doubtful debts as of a closing date, customer by customer, without VAT."""

    _name = "credit.report.provision"
    _inherit = ["credit.report.tables"]
    _description = "Provision for doubtful debts"

    def _get_report_title(self):
        return self.env._("Provision for doubtful debts")

    def _get_questions(self):
        return (self._ask_day(label=self.env._("Closing date")), self._ask_part())

    def _build(self, asked):
        owed = self._gather(asked)
        provided = self._provide(asked, owed)
        return Report(
            title=self._get_report_title(),
            notes=(
                self._get_scope_note(asked),
                self._get_day_note(asked),
                self.env._(
                    "base without VAT, credits set off against the oldest claims; a proposal by rates, to be judged "
                    "case by case"
                ),
            ),
            tables=(self._build_customers(asked, owed, provided), self._build_rules(asked, provided)),
        )

    # -- gather and decide ------------------------------------------------------------

    def _gather(self, asked):
        """Return ``{(customer, company): (claims, credit)}`` of trade items, in one query."""
        owed = defaultdict(lambda: ([], []))
        for partner_id, company_id, *claim, rank in self._query_items(asked):
            status = PRECEDENCE[rank] if rank is not None else ""
            item_id, due, amount, net, days = claim
            claims, credits_of = owed[partner_id, company_id]
            if amount > 0:
                claims.append(Claim(item_id, due, amount, net, days, status))
            else:
                credits_of.append(-amount)
        return {key: (claims, sum(credits_of)) for key, (claims, credits_of) in owed.items()}

    def _query_items(self, asked):
        return self._query(
            """
            SELECT item.partner_id, item.company_id, item.id, item.date_maturity, item.amount_residual::float8,
                   COALESCE(move.amount_untaxed_signed / NULLIF(move.amount_total_signed, 0), 1)::float8,
                   item.days_overdue, fact.rank
              FROM (%(items)s) item
              JOIN account_move move ON move.id = item.move_id
         LEFT JOIN (%(status)s) fact ON fact.partner_id = item.partner_id AND fact.company_id = item.company_id
             WHERE NOT item.non_trade
               AND item.partner_id IS NOT NULL
             ORDER BY item.id
            """,
            items=self._get_items_sql(asked),
            status=self._get_status_sql(asked, STATUSES),
        )

    def _provide(self, asked, owed):
        """Return ``{(customer, company): what is provided for each claim}``, none without."""
        companies = self.env["res.company"].browse(asked.company_ids)
        rules = {company.id: self.env["credit.provision.rule"]._get_rules(company) for company in companies}
        rounding = self._get_currency(asked).rounding
        found = {key: provide(claims, credit, rules[key[1]], rounding) for key, (claims, credit) in owed.items()}
        return {key: provided for key, provided in found.items() if provided}

    # -- tables -----------------------------------------------------------------------

    def _build_customers(self, asked, owed, provided):
        env = self.env
        names = self._get_names("res.partner", {partner_id for partner_id, _company_id in provided})
        labels = self._get_status_labels()
        rows = [
            self._prepare_customer(key, names, labels, *owed[key], found)
            for key, found in sorted(provided.items(), key=lambda pair: -sum(one.amount for one in pair[1]))
        ]
        columns = (
            Column("customer", env._("Customer")),
            Column("status", env._("Status")),
            Column("days", env._("Oldest (days)"), COUNT),
            Column("open", env._("Claims incl. VAT"), AMOUNT, is_summed=True, opens=True),
            Column("credit", env._("Credits set off"), AMOUNT, is_summed=True),
            Column("base", env._("Provided for, excl. VAT"), AMOUNT, is_summed=True, opens=True),
            Column("rate", env._("Rate"), PERCENT),
            Column("amount", env._("Provision"), AMOUNT, "red", is_summed=True, opens=True),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        return Table("customers", env._("By customer"), columns, tuple(rows), total, links=("customers",))

    def _prepare_customer(self, key, names, labels, claims, credit, found):
        base, amount = (
            round(sum(values), 2) for values in zip(*((one.base, one.amount) for one in found), strict=True)
        )
        cells = (
            names[key[0]],
            labels.get(found[0].claim.status, ""),
            max(one.claim.days for one in found),
            round(sum(claim.amount for claim in claims), 2),
            -round(credit, 2),
            base,
            100 * amount / base if base else None,
            amount,
        )
        return Row(f"{key[0]}/{key[1]}", cells)

    def _build_rules(self, asked, provided):
        env = self.env
        by_rule = defaultdict(list)
        for one in (one for found in provided.values() for one in found):
            by_rule[one.rule.id].append(one)
        names = self._get_names("credit.provision.rule", by_rule)
        rows = tuple(
            Row(
                rule_id,
                (
                    names[rule_id],
                    len(found),
                    round(sum(one.base for one in found), 2),
                    round(sum(one.amount for one in found), 2),
                ),
            )
            for rule_id, found in sorted(by_rule.items(), key=lambda pair: -pair[1][0].rule.rate)
        )
        columns = (
            Column("rule", env._("Rule")),
            Column("count", env._("Items"), COUNT, is_summed=True, opens=True),
            Column("base", env._("Base excl. VAT"), AMOUNT, is_summed=True, opens=True),
            Column("amount", env._("Provision"), AMOUNT, is_summed=True),
        )
        total = sum_rows(columns, rows, env._("Total"), self._get_currency(asked).rounding)
        return Table("rules", env._("By rule"), columns, rows, total)

    # -- what is behind ---------------------------------------------------------------

    def _get_behind(self, asked, table, key, column):
        owed = self._gather(asked)
        if table == "customers" and column == "open":
            chosen = [claims for pair, (claims, _credit) in owed.items() if key in (None, "{}/{}".format(*pair))]
            return [claim.id for claims in chosen for claim in claims]
        provided = self._provide(asked, owed)
        return [
            one.claim.id
            for pair, found in provided.items()
            for one in found
            if key in (None, "{}/{}".format(*pair), one.rule.id)
        ]

    def _get_partner_ids(self, asked, table, key):
        return [int(part) for part in str(key or "").split("/")[:1] if part.isdigit()]
