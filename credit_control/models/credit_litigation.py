from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..core import reasons
from .company_day import company_today
from .credit_litigation_figures import RUNNING
from .credit_litigation_file import ACTIVE
from .language import in_language_of


class CreditLitigation(models.Model):
    """Items handed over to an agency, a bailiff or a lawyer, until they are paid, given up or taken back.

    From the day on which it is prepared its items aren't reminded any more; they stay in the
    outstanding. Once it is closed or withdrawn, what is still open is reminded again.
    """

    _name = "credit.litigation"
    _description = "Litigation"
    _inherit = ["mail.thread", "mail.activity.mixin", "credit.litigation.figures"]
    _order = "date_opened desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    debtor_id = fields.Many2one("credit.debtor", string="Debtor card", compute="_compute_debtor_id")
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user, required=True, tracking=True
    )
    kind = fields.Selection(
        [
            ("agency", "Collection agency"),
            ("bailiff", "Bailiff (commissaire de justice)"),
            ("lawyer", "Lawyer"),
        ],
        string="Handed over to a",
        required=True,
        default="agency",
        tracking=True,
    )
    handler_id = fields.Many2one(
        "res.partner", string="Who", tracking=True, help="The agency, bailiff or lawyer who has the file."
    )
    reference = fields.Char(string="Their reference", help="The number under which they keep the file.")
    state = fields.Selection(
        [
            ("draft", "Being prepared"),
            ("open", "Handed over"),
            ("closed", "Closed"),
            ("withdrawn", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
    )
    stage_id = fields.Many2one(
        "credit.litigation.stage",
        ondelete="restrict",
        tracking=True,
        copy=False,
        default=lambda self: self.env["credit.litigation.stage"].search([], limit=1),
        group_expand="_expand_stages",
        help="How far they have come.",
    )
    date_opened = fields.Date(
        string="Prepared since",
        required=True,
        default=company_today,
        copy=False,
        help="Its items aren't reminded from this day on.",
    )
    date = fields.Date(string="Handed over on", tracking=True, copy=False)
    date_deadline = fields.Date(
        string="Next deadline", tracking=True, help="Hearing, answer awaited, limitation: becomes an activity."
    )
    line_ids = fields.One2many("credit.litigation.line", "litigation_id", string="Items")
    cost_ids = fields.One2many("credit.litigation.cost", "litigation_id", string="Cost lines", copy=False)
    file_ids = fields.One2many(
        "credit.litigation.file",
        "litigation_id",
        string="Files",
        readonly=True,
        copy=False,
        groups="credit_control.group_collector",
    )
    closed_on = fields.Date(string="Closed on", readonly=True, copy=False)
    result = fields.Selection(
        [
            ("paid", "Paid in full"),
            ("partly_paid", "Paid in part"),
            ("settled", "Settled by agreement"),
            ("uncollectable", "Uncollectable"),
        ],
        tracking=True,
        copy=False,
    )
    note = fields.Text()

    @api.model
    def _expand_stages(self, stages, _domain):
        """Show each stage as a column of the kanban, those without a file too."""
        return stages.search([("active", "=", True)])

    @api.depends("partner_id", "company_id")
    def _compute_debtor_id(self):
        debtors = self.env["credit.debtor"].search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        )
        card_of = {(debtor.partner_id, debtor.company_id): debtor for debtor in debtors}
        for litigation in self:
            litigation.debtor_id = card_of.get((litigation.partner_id, litigation.company_id), False)

    @api.depends("partner_id", "handler_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for litigation in self:
            handler = litigation.handler_id.display_name or kinds.get(litigation.kind)
            litigation.display_name = " – ".join(filter(None, (litigation.partner_id.display_name, handler)))

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the file on the commercial partner, where the receivables are, and make its card."""
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals.get("partner_id"))
            vals["partner_id"] = partner.commercial_partner_id.id
        litigations = super().create(vals_list)
        for company, some in litigations.grouped("company_id").items():
            self.env["credit.debtor"].sudo()._ensure(company, some.partner_id.ids)
        litigations._plan_deadline()
        litigations._invalidate_debtors()
        return litigations

    def write(self, vals):
        result = super().write(vals)
        if {"date_deadline", "state", "user_id"} & vals.keys():
            self._plan_deadline()
        self._invalidate_debtors()
        return result

    def _invalidate_debtors(self):
        self.env["credit.debtor"].invalidate_model(["status", "status_reason", "status_since"])

    def _plan_deadline(self):
        """Have one activity for the next deadline, as long as the file runs."""
        activity_type = "credit_control.mail_activity_type_litigation"
        for litigation in self:
            known = litigation.activity_search([activity_type])
            if litigation.state not in RUNNING or not litigation.date_deadline:
                known.unlink()
                continue
            values = {"date_deadline": litigation.date_deadline, "user_id": litigation.user_id.id}
            if known:
                known.write(values)
            else:
                in_language_of(litigation, litigation.user_id).activity_schedule(activity_type, **values)

    # -- what it holds back -------------------------------------------------------------

    @api.model
    def _get_running_domain(self, day):
        """Return the domain of the files that run on ``day``."""
        return Domain("date_opened", "<=", day) & (Domain("closed_on", "=", False) | Domain("closed_on", ">", day))

    @api.model
    def _get_running_sql(self, day):
        """Return the rows of :meth:`~.credit_blocks.CreditBlocks._query_procedures`."""
        query = self.sudo()._search(self._get_running_domain(day))
        return query.select(
            SQL("partner_id"),
            SQL("company_id"),
            SQL("%s", reasons.LITIGATION),
            SQL("date_opened"),
            SQL("FALSE"),
            SQL("NULL::date"),
            SQL(
                "ARRAY(SELECT line.move_line_id FROM credit_litigation_line line"
                " WHERE line.litigation_id = credit_litigation.id)"
            ),
        )

    # -- buttons ------------------------------------------------------------------------

    def action_hand_over(self):
        """Give the file to the agency, bailiff or lawyer; today, where no day was entered."""
        for litigation in self:
            litigation._expect({"draft"}, self.env._("It was handed over already."))
            if not litigation.handler_id:
                raise UserError(self.env._("%s: choose who gets the file first.", litigation.display_name))
            if not litigation.line_ids:
                raise UserError(self.env._("%s: choose the items first.", litigation.display_name))
            litigation.line_ids._compute_amount()
            day = litigation.date or company_today(litigation)
            litigation.write({"state": "open", "date": day})
        return True

    def action_close(self):
        """End the file with the result that was entered; what is still open is reminded again."""
        for litigation in self:
            litigation._expect({"open"}, self.env._("Only a file that was handed over can be closed."))
            if not litigation.result:
                raise UserError(self.env._("%s: choose the result first.", litigation.display_name))
        return self._end("closed")

    def action_withdraw(self):
        """Take the file back: its items are reminded again where they stood."""
        for litigation in self:
            litigation._expect(set(RUNNING), self.env._("It has ended already."))
        return self._end("withdrawn")

    def _end(self, state):
        return self.write({"state": state, "closed_on": company_today(self)})

    def action_reopen(self):
        """Take it up again, with what is still open of its items.

        :raise UserError: where another file has taken one of them since
        """
        for litigation in self:
            litigation._expect({"closed", "withdrawn"}, self.env._("It is running."))
            state = "open" if litigation.date else "draft"
            litigation.write({"state": state, "closed_on": False, "result": False})
        return True

    def action_add_overdue(self):
        """Add all that is overdue of the customer and in no other file."""
        for litigation in self:
            litigation._expect({"draft"}, self.env._("Only a file that is being prepared takes new items."))
            items = litigation._get_overdue_items()
            litigation.line_ids = [Command.create({"move_line_id": item.id}) for item in items.move_line_id]
        return True

    def _get_overdue_items(self):
        """Return the customer's overdue trade items that no running file has."""
        taken = self.env["credit.litigation.line"].sudo().search([("is_running", "=", True)]).move_line_id
        return self.env["credit.open.item"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("non_trade", "=", False),
                ("amount_residual", ">", 0),
                ("days_overdue", ">", 0),
                ("id", "not in", taken.ids),
            ]
        )

    def _expect(self, states, message):
        """Refuse an action on a file that isn't in one of ``states``."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in states:
            raise UserError(self.env._("%(file)s: %(message)s", file=self.display_name, message=message))

    def action_make_file(self):
        """Have the file made in the background; asked for twice, it is made once."""
        self.ensure_one()
        self.check_access("write")
        if not self.line_ids:
            raise UserError(self.env._("%s: choose the items first.", self.display_name))
        jobs = self.env["credit.litigation.file"].sudo()
        running = jobs.search([("litigation_id", "=", self.id), ("state", "in", ACTIVE)], limit=1)
        if running:
            message = self.env._("The file is being made already: %s %%.", round(running.progress))
        else:
            jobs.create({"litigation_id": self.id, "user_id": self.env.uid, "total_count": len(self.line_ids)})
            message = self.env._("The file is being made. An activity tells you when it is ready.")
        # An interrupted one is taken up again, too.
        self.env.ref("credit_control.cron_litigation_file").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"message": message, "type": "info", "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }

    def action_open_debtor(self):
        """Open the customer's card."""
        self.ensure_one()
        return self.debtor_id._get_records_action(name=self.env._("Debtor"))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for litigation in self:
            if litigation.state != "draft":
                raise UserError(self.env._("%s is kept: withdraw it instead.", litigation.display_name))
