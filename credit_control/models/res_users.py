from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    credit_agenda_mail = fields.Selection(
        [
            ("away", "When I wasn't in Odoo on the last working day"),
            ("daily", "Every working day"),
            ("never", "Never"),
        ],
        string="My agenda by e-mail",
        default="away",
        help="Whom to call today and why, in the morning: for those who don't open Odoo every day.",
    )
    credit_agenda_mailed_on = fields.Date(
        string="Agenda last sent on", readonly=True, copy=False, help="At most one mail a day."
    )
    has_credit_agenda = fields.Boolean(string="Has an agenda of credit control", compute="_compute_has_credit_agenda")

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "credit_agenda_mail", "has_credit_agenda"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "credit_agenda_mail"]

    @api.depends("group_ids")
    def _compute_has_credit_agenda(self):
        collectors = self.env.ref("credit_control.group_collector")
        for user in self:
            user.has_credit_agenda = collectors in user.all_group_ids
