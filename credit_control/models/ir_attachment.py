from odoo import api, models
from odoo.exceptions import UserError

from ..core import delivery

# What makes an attachment another one than that which left.
CONTENT = frozenset({"datas", "raw", "db_datas", "store_fname", "name", "mimetype", "url", "res_model", "res_id"})


class IrAttachment(models.Model):
    """What was attached to a notice is kept as it left, like its text."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if CONTENT & vals.keys():
            self._check_notices_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_sent(self):
        self._check_notices_kept()

    def _check_notices_kept(self):
        """Refuse to alter what was attached to a notice that has left, or may have."""
        ours = self.sudo().filtered(lambda attachment: attachment.res_model == "credit.dunning.notice")
        notices = self.env["credit.dunning.notice"].sudo().browse(ours.mapped("res_id")).exists()
        kept = notices.filtered(lambda notice: notice.state in delivery.KEPT and notice.attachment_ids & ours)[:1]
        if kept:
            raise UserError(self.env._("This was sent with %s: it is kept as it was.", kept.display_name))
