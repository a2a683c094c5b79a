from odoo import Command, api, fields, models
from odoo.exceptions import UserError

TRACKED = ("registered_number", "deposited_on", "presented_on", "received_on")


class CreditDunningTracking(models.TransientModel):
    """What the post says of a registered letter: deposit, presentation, receipt, proof."""

    _name = "credit.dunning.tracking"
    _description = "Delivery of a registered letter"

    notice_id = fields.Many2one("credit.dunning.notice", required=True, ondelete="cascade")
    registered_number = fields.Char(string="Number", compute="_compute_known", store=True, readonly=False)
    deposited_on = fields.Date(string="Handed to the post on", compute="_compute_known", store=True, readonly=False)
    presented_on = fields.Date(string="Presented on", compute="_compute_known", store=True, readonly=False)
    received_on = fields.Date(string="Received on", compute="_compute_known", store=True, readonly=False)
    proof_ids = fields.Many2many("ir.attachment", string="Proofs")

    @api.depends("notice_id")
    def _compute_known(self):
        for wizard in self:
            wizard.update({name: wizard.notice_id[name] for name in TRACKED})

    @api.constrains("deposited_on", "presented_on", "received_on")
    def _check_order(self):
        for wizard in self:
            known = [day for day in (wizard.deposited_on, wizard.presented_on, wizard.received_on) if day]
            if known != sorted(known):
                raise UserError(self.env._("A letter is deposited, then presented, then received: check the dates."))

    def action_record(self):
        """Write it on the notice; a receipt makes it delivered."""
        self.ensure_one()
        notice, proofs = self.notice_id, self.proof_ids
        notice._expect({"sent", "delivered"}, self.env._("Print the letter first."))
        proofs.write({"res_model": notice._name, "res_id": notice.id})
        notice.write(
            {name: self[name] for name in TRACKED} | {"proof_ids": [Command.link(proof.id) for proof in proofs]}
        )
        if self.received_on:
            notice.action_record_receipt(self.received_on, self.presented_on)
        return {"type": "ir.actions.act_window_close"}
