from io import BytesIO

from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..core import law
from .workbook import Column, Sheet, write_workbook


class ReportInterestSheet(models.AbstractModel):
    """How interest and fixed sums were reckoned: item by item, segment by segment, as of the context's ``as_of``.

    What runs is reckoned now; what was waived, frozen or invoiced stands as it was stored.
    """

    _name = "report.credit_control.report_interest_sheet"
    _inherit = "credit.documents"
    _description = "Calculation sheet of interest"
    _document_model = "credit.debtor"
    _values_name = "sheet_of"

    # -- gather -------------------------------------------------------------------------

    def _get_outcomes(self, debtor):
        """Return what the customer's late items bear, oldest due date first.

        :raise UserError: where a rate is missing: which one, and where it is entered
        """
        day = self.env["credit.open.item"]._as_of()
        engine = self.env["credit.charge.engine"]
        found = engine._get_outcomes(day, debtor.company_id.ids, debtor.partner_id.ids)
        bearing = [one for one in found.values() if one.interest or one.fixed_sum or one.problem]
        engine._check_rates(bearing)
        return sorted(bearing, key=lambda one: (one.case.due, one.case.item))

    def _get_stored(self, debtor):
        """Return the customer's charges that aren't running any more."""
        domain = [
            ("partner_id", "=", debtor.partner_id.id),
            ("company_id", "=", debtor.company_id.id),
            ("state", "!=", "claimed"),
        ]
        return self.env["credit.charge"].search(domain, order="move_id, kind desc, date_from")

    # -- as a document ------------------------------------------------------------------

    def _prepare_document(self, debtor):
        notice = self.env["credit.dunning.notice"].new(
            {"partner_id": debtor.partner_id.id, "company_id": debtor.company_id.id, "debtor_id": debtor.id}
        )
        notice.date = self.env["credit.open.item"]._as_of()
        writer = notice.with_context(lang=notice._get_text_lang())
        outcomes, regime = self._get_outcomes(debtor), debtor.with_env(writer.env).applied_regime_id
        return {
            "lang": writer.env.lang,
            "date": format_date(writer.env, notice.date),
            "address": writer._get_address_lines(),
            "items": [self._prepare_item(writer.env, outcome) for outcome in outcomes],
            "sums": self._prepare_sums(writer.env, outcomes),
            "stored": [self._prepare_stored(writer.env, charge) for charge in self._get_stored(debtor)],
            "regime": regime.sudo(),
            "basis": self._tell_basis(writer.env, regime.sudo()) if regime else "",
        }

    def _prepare_item(self, env, outcome):
        line = env["account.move.line"].sudo().browse(outcome.case.item)
        regime = env["credit.interest.regime"].sudo().browse(outcome.regime or [])
        return {
            "reference": line.move_id.name,
            "due": format_date(env, outcome.case.due),
            "principal": format_amount(env, outcome.case.claim.principal, line.currency_id),
            "segments": [self._prepare_segment(env, part, line.currency_id) for part in outcome.accrual.segments],
            "interest": format_amount(env, outcome.interest, line.currency_id),
            "fixed_sum": format_amount(env, outcome.fixed_sum, regime.currency_id) if outcome.fixed_sum else "",
            "problem": env["credit.charge.engine"]._tell_problem(outcome),
        }

    def _prepare_segment(self, env, part, currency):
        return {
            "first": format_date(env, part.first),
            "last": format_date(env, part.last),
            "days": part.days,
            "base": format_amount(env, part.base, currency),
            "rate": f"{env['ir.qweb.field.float'].value_to_html(part.rate, {'precision': 2})} %",
            "amount": env["ir.qweb.field.float"].value_to_html(part.amount, {"precision": 4}),
        }

    def _prepare_sums(self, env, outcomes):
        """Return ``[(label, amount)]`` by currency: interest, fixed sums."""
        sums = {}
        for outcome in outcomes:
            line = env["account.move.line"].sudo().browse(outcome.case.item)
            regime = env["credit.interest.regime"].sudo().browse(outcome.regime or [])
            for label, currency, amount in (
                (env._("Interest"), line.currency_id, outcome.interest),
                (env._("Fixed sums for recovery costs"), regime.currency_id, outcome.fixed_sum),
            ):
                if amount:
                    sums[label, currency] = sums.get((label, currency), 0.0) + amount
        return [
            (label, format_amount(env, amount, currency)) for (label, currency), amount in sorted(sums.items(), key=str)
        ]

    def _prepare_stored(self, env, charge):
        charge = charge.with_env(env)
        labels = {name: dict(charge._fields[name]._description_selection(env)) for name in ("kind", "state")}
        return {
            "reference": charge.move_id.name,
            "kind": labels["kind"][charge.kind],
            "first": format_date(env, charge.date_from) if charge.date_from else "",
            "last": format_date(env, charge.date_to),
            "amount": format_amount(env, charge.amount, charge.currency_id),
            "state": labels["state"][charge.state],
        }

    def _tell_basis(self, env, regime):
        labels = {name: dict(regime._fields[name]._description_selection(env)) for name in ("accrual", "day_count")}
        return env._(
            "%(regime)s: %(rate)s; %(accrual)s; days: %(days)s. Interest runs from the day after the due day (or the "
            "formal notice, where the law says so) to the day of settlement, that day included, on the amount with "
            "taxes, and is rounded once for each item. Fixed sums bear none. %(law)s",
            regime=regime.name,
            rate=regime.rate_text,
            accrual=labels["accrual"][regime.accrual].lower(),
            days=labels["day_count"][regime.day_count].lower(),
            law=regime.source or "",
        )

    # -- as a table ---------------------------------------------------------------------

    @api.model
    def _download(self, debtor):
        """Return the action that downloads the sheet of ``debtor`` as XLSX."""
        name = self.env._("Interest of %s.xlsx", debtor.partner_id.name)
        owner = {"res_model": debtor._name, "res_id": debtor.id, "description": "interest_xlsx"}
        attachments = self.env["ir.attachment"].sudo()
        attachment = attachments.search([(key, "=", value) for key, value in owner.items()], limit=1)
        vals = {"name": name, "raw": self._get_xlsx(debtor)}
        if attachment:
            attachment.write(vals)
        else:
            attachment = attachments.create(owner | vals)
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true", "target": "self"}

    @api.model
    def _get_xlsx(self, debtor):
        """Return the sheet as a workbook: the segments, then the sums of each item; dates and numbers are real."""
        outcomes = self._get_outcomes(debtor)
        target = BytesIO()
        sheets = [
            Sheet(self.env._("Segments"), self._get_segment_columns(), self._get_segment_rows(outcomes)),
            Sheet(self.env._("Items"), self._get_item_columns(), self._get_item_rows(outcomes)),
            Sheet(self.env._("Decided"), self._get_stored_columns(), self._get_stored_rows(debtor)),
        ]
        write_workbook(target, sheets, self.env._("Total"))
        return target.getvalue()

    def _get_segment_columns(self):
        return (
            Column(self.env._("Invoice"), width=20),
            Column(self.env._("Due date"), "date"),
            Column(self.env._("Currency"), width=9),
            Column(self.env._("From"), "date"),
            Column(self.env._("To"), "date"),
            Column(self.env._("Days"), "count", width=8),
            Column(self.env._("Base"), "amount"),
            Column(self.env._("Rate (% a year)"), "amount"),
            Column(self.env._("Interest, not rounded"), "count", width=20),
        )

    def _get_segment_rows(self, outcomes):
        for outcome in outcomes:
            line = self.env["account.move.line"].sudo().browse(outcome.case.item)
            for part in outcome.accrual.segments:
                yield (
                    line.move_id.name,
                    outcome.case.due,
                    line.currency_id.name,
                    part.first,
                    part.last,
                    part.days,
                    part.base,
                    part.rate,
                    round(part.amount, 6),
                )

    def _get_item_columns(self):
        return (
            Column(self.env._("Invoice"), width=20),
            Column(self.env._("Due date"), "date"),
            Column(self.env._("Regime"), width=26),
            Column(self.env._("Currency"), width=9),
            Column(self.env._("Amount"), "amount"),
            Column(self.env._("Interest"), "amount"),
            Column(self.env._("Fixed sum"), "amount"),
            Column(self.env._("Currency of the fixed sum"), width=22),
            Column(self.env._("Remark"), width=50),
        )

    def _get_item_rows(self, outcomes):
        engine = self.env["credit.charge.engine"]
        for outcome in outcomes:
            line = self.env["account.move.line"].sudo().browse(outcome.case.item)
            regime = self.env["credit.interest.regime"].sudo().browse(outcome.regime or [])
            has_interest = outcome.problem in (None, law.NOT_LATE)
            yield (
                line.move_id.name,
                outcome.case.due,
                regime.name or None,
                line.currency_id.name,
                outcome.case.claim.principal,
                outcome.interest if has_interest else None,
                outcome.fixed_sum or None,
                regime.currency_id.name if outcome.fixed_sum else None,
                engine._tell_problem(outcome) or None,
            )

    def _get_stored_columns(self):
        return (
            Column(self.env._("Invoice"), width=20),
            Column(self.env._("Kind"), width=12),
            Column(self.env._("From"), "date"),
            Column(self.env._("To"), "date"),
            Column(self.env._("Amount"), "amount"),
            Column(self.env._("Currency"), width=9),
            Column(self.env._("State"), width=12),
            Column(self.env._("Reason"), width=50),
        )

    def _get_stored_rows(self, debtor):
        for charge in self._get_stored(debtor):
            labels = {name: dict(charge._fields[name]._description_selection(self.env)) for name in ("kind", "state")}
            yield (
                charge.move_id.name,
                labels["kind"][charge.kind],
                fields.Date.to_date(charge.date_from) or None,
                charge.date_to,
                charge.amount,
                charge.currency_id.name,
                labels["state"][charge.state],
                charge.waive_reason or None,
            )
