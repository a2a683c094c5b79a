import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date
from odoo.tools.misc import formatLang

from odoo.addons.credit_control.models.company_day import asked_day, company_today

from ..core.tables import Question, Report, Unreadable, read_answers
from ..report.report_xlsx import write_report
from .credit_aged_axis import AXES
from .credit_report import PDF, ReportFile

# The parts of the customers that a report may be asked for alone, and what stands for all of them.
PARTS = ("portfolio", "segment", "collector")
ALL = "all"
PAPER = "credit_control_reporting.action_report_tables"
# How many rows of a table a screen shows before it is asked for more.
PAGE = 200


@dataclass(frozen=True)
class Asked:
    """What a report is asked: the companies, and the answers to its questions by name."""

    company_ids: tuple[int, ...]
    answers: Mapping

    def __getitem__(self, name):
        return self.answers[name]


class CreditReportTables(models.AbstractModel):
    """A report on receivables that is made of tables: what all of them have in common.

    A report says its title, its questions and its tables (:meth:`_build`), and which records a cell was added up from
    (:meth:`_get_behind`). Screen, PDF and workbook follow from that: see ``core/tables``, ``static/src/report`` and
    ``report/``. Reports read only, in the companies that are chosen on the screen, for readers of credit control.
    """

    _name = "credit.report.tables"
    _inherit = ["credit.report"]
    _description = "Report on receivables, in tables"

    # -- what a report says -----------------------------------------------------------

    def _get_questions(self) -> tuple[Question, ...]:
        """Return what may be asked of the report."""
        return (self._ask_day(),)

    def _build(self, asked: Asked) -> Report:
        """Return the report; who may read it has been looked at."""
        raise NotImplementedError

    def _get_behind(self, asked: Asked, table, key, column):
        """Return the records that a cell was added up from: a recordset, or the ids of open items.

        :param column: None for those of the whole row
        """
        return ()

    def _get_partner_ids(self, asked: Asked, table, key):
        """Return the ids of the customers that a row is about."""
        return ()

    def _get_paper(self, asked: Asked) -> str:
        """Return the report action that prints it: one with a layout of its own has its own."""
        return PAPER

    # -- questions --------------------------------------------------------------------

    def _ask_day(self, name="as_of", label=None):
        return Question(name, label or self.env._("As of"), "date", company_today(self))

    def _ask_period(self):
        """Return the two questions of a period; as usual, the month until today."""
        today = company_today(self)
        return (
            Question("date_from", self.env._("From"), "date", today.replace(day=1)),
            Question("date_to", self.env._("To"), "date", today),
        )

    def _ask_part(self):
        """Return the question of which part of the customers: all, or those of a portfolio, segment or collector."""
        return Question("only", self.env._("Only"), "choice", ALL, self._get_part_choices())

    def _get_part_choices(self):
        """Return the parts of the customers that may be looked at alone: ``axis:id``."""
        found = [(ALL, self.env._("All customers"))]
        ids_of = self._query_parts()
        for axis in PARTS:
            names = self._get_names(AXES[axis].model, ids_of[axis])
            label = self.env._(AXES[axis].label)
            found += sorted(
                ((f"{axis}:{one}", f"{label}: {name}") for one, name in names.items()), key=lambda pair: pair[1]
            )
        return tuple(found)

    def _query_parts(self):
        """Return ``{axis: ids}`` of the parts that customers of the companies belong to, in one query."""
        self.env["credit.debtor"].flush_model()
        queries = (
            SQL(
                "SELECT DISTINCT %s, %s FROM credit_debtor WHERE company_id = ANY(%s)",
                axis,
                SQL.identifier(f"{axis}_id"),
                self.env.companies.ids,
            )
            for axis in PARTS
        )
        ids_of = {axis: [] for axis in PARTS}
        for axis, one in self.env.execute_query(SQL(" UNION ALL ").join(queries)):
            ids_of[axis].append(one)
        return ids_of

    def _read_asked(self, values) -> Asked:
        """Return what is asked by a screen or a link, what isn't named as usual.

        :raise UserError: an answer that can't be read, a period that ends before it starts
        """
        try:
            answers = read_answers(self._get_questions(), values if isinstance(values, Mapping) else {})
        except Unreadable as error:
            raise UserError(
                self.env._(
                    "%(question)s: %(answer)s can't be read.", question=error.question.label, answer=error.answer
                )
            ) from error
        if "date_to" in answers and answers["date_to"] < answers["date_from"]:
            raise UserError(self.env._("The period ends before it starts."))
        return Asked(tuple(self.env.companies.ids), answers)

    def _get_report(self, asked: Asked) -> Report:
        """Return the report.

        :raise AccessError: who isn't a reader of credit control
        :raise UserError: companies that keep different currencies
        """
        self._check_asked(asked)
        return self._build(asked)

    def _check_asked(self, asked):
        self._check_report_access()
        companies = self.env["res.company"].browse(asked.company_ids)
        if not set(asked.company_ids) <= set(self.env.companies.ids) or not companies:
            raise UserError(self.env._("Choose among the companies that you are logged in to."))
        if len(companies.currency_id) > 1:
            names = ", ".join(f"{company.name} ({company.currency_id.name})" for company in companies)
            raise UserError(self.env._("These companies keep different currencies, report them apart: %s", names))

    # -- files ------------------------------------------------------------------------

    def _render_report(self, values: dict, kind: str) -> ReportFile:
        content = self._render_pdf(values) if kind == PDF else self._render_xlsx(values)
        return ReportFile(f"{self._get_report_title()}.{kind}", content, kind)

    def _check_report_values(self, values: dict) -> None:
        self._read_asked(values)

    def _describe_report_values(self, values: dict) -> str:
        asked = self._read_asked(values)
        return ", ".join(
            f"{question.label}: {dict(question.choices).get(asked[question.name], asked[question.name])}"
            for question in self._get_questions()
            if question.kind != "date"
        )

    def _get_report_action(self) -> str:
        name = f"credit_control_reporting.{self._name.replace('.', '_')}_action"
        return name if self.env.ref(name, raise_if_not_found=False) else ""

    def _render_xlsx(self, values):
        report = self._get_report(self._read_asked(values))
        handle, path = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        try:
            write_report(path, report, self.env["credit.aged.balance"]._get_sheet_date_format())
            with open(path, "rb") as file:
                return file.read()
        finally:
            os.unlink(path)

    def _render_pdf(self, values):
        asked = self._read_asked(values)
        self._check_asked(asked)
        data = {"model": self._name, "values": values}
        paper = self._get_paper(asked)
        reports = self.env["ir.actions.report"]
        if paper == PAPER:
            reports = reports.with_context(credit_footer=self._get_report_title())
        return reports._render_qweb_pdf(paper, self.env.company.ids, data=data)[0]

    # -- the screen -------------------------------------------------------------------

    @api.readonly
    @api.model
    def get_screen(self, values: dict, limit: int = PAGE) -> dict:
        """Return all that the screen shows; amounts in the currency of the companies.

        :param values: answers by the name of the question, as text or as JSON has them
        :param limit: how many rows of each table
        """
        asked = self._read_asked(values)
        report = self._get_report(asked)
        return {
            "title": report.title,
            "notes": list(report.notes),
            "questions": [self._prepare_question(question, asked) for question in self._get_questions()],
            "currency_id": self._get_currency(asked).id,
            "tables": [self._prepare_table(table, limit) for table in report.tables],
            "charts": [self._prepare_chart(chart) for chart in report.charts],
        }

    @api.readonly
    @api.model
    def action_open(self, values: dict, table: str, key, column: str | None = None) -> dict:
        """Open the records that a cell was added up from."""
        asked = self._read_asked(values)
        self._check_asked(asked)
        behind = self._get_behind(asked, table, key, column)
        if isinstance(behind, models.BaseModel):
            return self._prepare_records_action(behind)
        return self._prepare_items_action(asked, behind)

    @api.readonly
    @api.model
    def action_open_customers(self, values: dict, table: str, key) -> dict:
        """Open the cards of the customers that a row is about."""
        asked = self._read_asked(values)
        self._check_asked(asked)
        return self._prepare_customers_action(self._get_partner_ids(asked, table, key), asked.company_ids)

    def _prepare_records_action(self, records):
        return {
            "type": "ir.actions.act_window",
            "name": self.env["ir.model"]._get(records._name).name,
            "res_model": records._name,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", records.ids)],
            "context": {"active_test": False, "create": False},
        }

    def _prepare_items_action(self, asked, item_ids):
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_open_item_action")
        answers = asked.answers
        day = fields.Date.to_string(answers.get("as_of") or answers.get("date_to") or company_today(self))
        action["domain"] = [("id", "in", list(item_ids))]
        action["context"] = {"as_of": day}
        action["display_name"] = self.env._("Open items as of %s", day)
        return action

    def _prepare_question(self, question, asked):
        answer = asked[question.name]
        return {
            "name": question.name,
            "label": question.label,
            "kind": question.kind,
            "choices": [{"code": code, "label": label} for code, label in question.choices],
            "least": question.least,
            "most": question.most,
            "answer": fields.Date.to_string(answer) if question.kind == "date" else answer,
        }

    def _prepare_table(self, table, limit):
        return {
            "code": table.code,
            "title": table.title,
            "note": table.note,
            "links": list(table.links),
            "columns": [
                {name: getattr(column, name) for name in ("code", "label", "kind", "tone", "opens")}
                for column in table.columns
            ],
            "rows": [self._prepare_row(row) for row in table.rows[:limit]],
            "count": len(table.rows),
            "total": self._prepare_row(table.total) if table.total else False,
        }

    def _prepare_row(self, row):
        return {"key": row.key, "cells": list(row.cells), "is_head": row.is_head, "kind": row.kind}

    def _prepare_chart(self, chart):
        names = ("label", "values", "tone", "kind", "key")
        return {
            **{name: getattr(chart, name) for name in ("kind", "title", "labels", "unit", "axes", "keys", "table")},
            "series": [{name: getattr(series, name) for name in names} for series in chart.series],
        }

    # -- for those who make reports ---------------------------------------------------

    def _get_currency(self, asked):
        return self.env["res.company"].browse(asked.company_ids[0]).currency_id

    def _get_scope_note(self, asked):
        """Return the line that says of which companies and customers the figures are, and in which currency."""
        companies = self.env["res.company"].browse(asked.company_ids)
        notes = [", ".join(companies.mapped("name")), companies[0].currency_id.name]
        if self._get_part(asked):
            notes.append(dict(self._get_part_choices()).get(asked["only"], ""))
        return " · ".join(notes)

    def _get_part(self, asked):
        """Return ``(axis, id)`` of the part of the customers that is asked for; None where it is all of them."""
        only = asked.answers.get("only") or ALL
        axis, _colon, key = only.partition(":")
        return None if only == ALL else (axis, int(key))

    def _get_part_sql(self, asked, partner, company):
        """Return the condition that a customer of a company belongs to the part that is asked for."""
        part = self._get_part(asked)
        if not part:
            return SQL("TRUE")
        return SQL("(%s, %s) IN (%s)", partner, company, self._get_pairs_sql(*part))

    def _get_pairs_sql(self, axis, key):
        return SQL("SELECT partner_id, company_id FROM credit_debtor WHERE %s = %s", SQL.identifier(f"{axis}_id"), key)

    def _is_asked_for(self, asked):
        """Return the function that says whether a customer (id) of a company (id) belongs to the part asked for."""
        part = self._get_part(asked)
        if not part:
            return lambda partner_id, company_id: True
        self.env["credit.debtor"].flush_model()
        pairs = set(self.env.execute_query(self._get_pairs_sql(*part)))
        return lambda partner_id, company_id: (partner_id, company_id) in pairs

    def _write_number(self, number):
        """Return a number with one decimal as the user's language writes it, for a sentence."""
        return formatLang(self.env, number, digits=1)

    def _get_day_note(self, asked):
        return self.env._("as of %s", format_date(self.env, asked["as_of"]))

    def _get_period_note(self, asked):
        return self.env._(
            "from %(start)s to %(end)s",
            start=format_date(self.env, asked["date_from"]),
            end=format_date(self.env, asked["date_to"]),
        )

    def _get_items_sql(self, asked, day=None):
        """Return the query of the open items asked for; everything is written to the database before."""
        self.env.flush_all()
        items = self.env["credit.open.item"]
        found = items._get_items_sql(day or asked["as_of"], asked.company_ids, with_bucket=False)
        if not self._get_part(asked):
            return found
        part = self._get_part_sql(asked, SQL("part.partner_id"), SQL("part.company_id"))
        return SQL("SELECT part.* FROM (%s) part WHERE %s", found, part)

    def _get_status_sql(self, asked, statuses):
        """Return the query of (partner_id, company_id, rank) of the leading one of ``statuses`` on the day.

        ``rank`` is the place in ``core.status.PRECEDENCE``.
        """
        debtors = self.env["credit.debtor"].with_context(as_of=asked["as_of"])
        return SQL(
            """
            SELECT partner_id, company_id, MIN(rank) AS rank
              FROM (%s) fact
             WHERE since IS NULL OR since <= %s
             GROUP BY partner_id, company_id
            """,
            debtors._get_facts_sql(statuses, company_ids=list(asked.company_ids)),
            asked["as_of"],
        )

    def _get_status_labels(self):
        return dict(self.env["credit.debtor"]._fields["status"]._description_selection(self.env))

    def _get_names(self, model, ids):
        """Return ``{id: words}`` of some records, archived ones too; the caller says what stands for none."""
        records = self.env[model].sudo().with_context(active_test=False).browse({one for one in ids if one})
        # A customer's display name is worked out one by one, this one is stored: the same for a commercial partner.
        field = "complete_name" if model == "res.partner" else "display_name"
        return {record.id: record[field] or "" for record in records}

    def _read_day(self, key):
        """Return the day that the key of a row stands for.

        :raise UserError: a key that stands for none
        """
        return asked_day(self.env, key) or company_today(self)

    def _get_sales_sql(self, asked, since, until, with_tax=False):
        """Return the query of what was sold after ``since`` and until ``until``: partner_id, date, amount.

        Without VAT unless it is to be compared with what is open. Credit notes count below zero; amounts are in company
        currency, customers commercial partners.
        """
        self.env["account.move"].flush_model()
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, date, %(amount)s::float8 AS amount
              FROM account_move
             WHERE company_id = ANY(%(companies)s)
               AND state = 'posted'
               AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND date > %(since)s
               AND date <= %(until)s
               AND commercial_partner_id IS NOT NULL
               AND %(part)s
            """,
            part=self._get_part_sql(asked, SQL("commercial_partner_id"), SQL("company_id")),
            amount=SQL.identifier("amount_total_signed" if with_tax else "amount_untaxed_signed"),
            companies=list(asked.company_ids),
            since=since,
            until=until,
        )

    def _query(self, text, **parts):
        return self.env.execute_query(SQL(text, **parts))
