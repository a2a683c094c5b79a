import contextlib
from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import AccessError, UserError

XLSX, PDF = "xlsx", "pdf"
MIMETYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PDF: "application/pdf",
}


@dataclass(frozen=True)
class ReportFile:
    """A report as a file: its content, what it is called, and what it is."""

    name: str
    content: bytes
    kind: str

    @property
    def mimetype(self):
        return MIMETYPES[self.kind]


class CreditReport(models.AbstractModel):
    """A report that can be downloaded, and mailed on a schedule.

    How to add one: an AbstractModel that inherits this one (that is all the registration there is), with
    :meth:`_get_report_title` and :meth:`_render_report`. It is then offered in the schedules, and downloaded from
    ``/credit_control/report/<model>.<xlsx or pdf>?options=<values as JSON>&company_ids=1,2``.

    ``values`` are the options as the report's screen has them: a dictionary that JSON can hold. ``as_of`` (ISO text)
    among them is the day of the report; a schedule sets it to the day that it sends for. Whatever a report shows is
    read with the rights of ``self.env.user``, in the companies of ``self.env.companies``.
    """

    _name = "credit.report"
    _description = "Report of credit control"

    def _get_report_title(self) -> str:
        """Return what people call the report, in the user's language."""
        raise NotImplementedError

    def _get_report_kinds(self) -> tuple[str, ...]:
        """Return the kinds of file that there are."""
        return (XLSX, PDF)

    def _render_report(self, values: dict, kind: str) -> ReportFile:
        """Return the report for ``values`` as a file.

        :raise AccessError: see :meth:`_check_report_access`
        :raise UserError: options that can't be read
        """
        raise NotImplementedError

    def _check_report_values(self, values: dict) -> None:
        """Raise a UserError where ``values`` can't be read; asked when a schedule is saved."""

    def _describe_report_values(self, values: dict) -> str:
        """Return the options in words, for the list of schedules."""
        return ""

    def _get_report_action(self) -> str:
        """Return the XML id of the action that opens the report on the screen; "" without one."""
        return ""

    def _check_report_access(self) -> None:
        """Raise an AccessError where the user mustn't read the report.

        A report adds up what a salesperson, who sees their own customers, mustn't see.
        """
        if not self.env.user.has_group("credit_control.group_reader"):
            raise AccessError(self.env._("Reports are for the readers of credit control."))

    @api.readonly
    @api.model
    def action_schedule(self, values: dict) -> dict:
        """Open a new schedule that mails this report with these options."""
        self._check_report_access()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "credit_control_reporting.credit_report_schedule_new_action"
        )
        # The day is the schedule's to say.
        options = {name: value for name, value in values.items() if name != "as_of"}
        action["context"] = {
            "default_report": self._name,
            "default_name": self._get_report_title(),
            "default_options": options,
        }
        return action

    def _get_bucket_heading(self, code):
        """Return the words for a bucket as they head a column: ``1-30`` → 1–30 days, ``not_due`` → Not due."""
        label = self.env["credit.debtor"]._get_bucket_label(code)
        return label[:1].upper() + label[1:]

    def _prepare_customers_action(self, partner_ids, company_ids):
        """Return the action that opens the cards of customers: there, actions are planned and policies assigned."""
        action = self.env["ir.actions.actions"]._for_xml_id("credit_control.credit_debtor_action")
        action["domain"] = [("partner_id", "in", list(partner_ids)), ("company_id", "in", list(company_ids))]
        action["context"] = {}
        return action

    # -- the registered ones ----------------------------------------------------------

    @api.model
    def _get_reports(self) -> dict[str, str]:
        """Return ``{model: title}`` of all reports, by title."""
        titles = {}
        for name in self._get_heirs("credit.report"):
            with contextlib.suppress(NotImplementedError):
                # What reports have in common isn't one.
                titles[name] = str(self.env[name]._get_report_title())
        return dict(sorted(titles.items(), key=lambda pair: pair[1]))

    def _get_heirs(self, name):
        """Return the names of the models that inherit the model ``name``, by way of others too."""
        heirs = [heir for heir in self.pool[name]._inherit_children if heir != name]
        return dict.fromkeys([*heirs, *(further for heir in heirs for further in self._get_heirs(heir))])

    @api.model
    def _get_registered(self, name: str, kind: str = ""):
        """Return the report whose model is ``name``.

        :raise UserError: there is no such report, or not as this kind of file; names them
        """
        if name not in self._get_reports():
            raise UserError(self.env._("There is no report called %s.", name))
        report = self.env[name]
        if kind and kind not in report._get_report_kinds():
            raise UserError(
                self.env._("%(report)s isn't made as %(kind)s.", report=report._get_report_title(), kind=kind)
            )
        return report
