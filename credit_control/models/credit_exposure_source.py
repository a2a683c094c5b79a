from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import ormcache


class Counted(NamedTuple):
    """What a query of exposures has to know of a source."""

    id: int
    code: str
    handler: str


class CreditExposureSource(models.Model):
    """A kind of exposure that counts: what is overdue, drafts, orders… Switched off, it counts for nothing."""

    _name = "credit.exposure.source"
    _description = "Source of exposure"
    _inherit = ["credit.cached.settings", "credit.plug"]
    _order = "sequence, id"
    _plug_method = "_get_rows_sql"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, help="Counts in the exposure of every company.")
    code = fields.Char(required=True, help="What programs and reports call it.")
    handler = fields.Char(required=True, help="Technical name of the model that reads it.")
    tone = fields.Selection(
        [
            ("grey", "Grey"),
            ("amber", "Amber"),
            ("orange", "Orange"),
            ("red", "Red"),
            ("blue", "Blue"),
            ("green", "Green"),
        ],
        default="blue",
        required=True,
        help="Its colour in the gauge; its name always stands beside it.",
    )
    note = fields.Text(translate=True, help="What it counts, for who sets it up.")

    _code_unique = models.Constraint("UNIQUE (code)", "Each source of exposure has a code of its own.")

    @api.model
    def _get_counted(self, source_ids=None):
        """Return the sources that count as :class:`Counted`, in order.

        Those whose handler isn't installed are left out: their addon is gone, or not loaded yet.

        :param source_ids: these, whether they count or not; None: all that do
        """
        if source_ids is None:
            counted = self._get_active()
        else:
            counted = [source._get_known() for source in self.sudo().browse(source_ids).exists()]
        return [source for source in counted if source.handler in self.env]

    @api.model
    @ormcache()
    def _get_active(self):
        sources = self.sudo().search_fetch([("active", "=", True)], ["code", "handler"])
        return tuple(source._get_known() for source in sources)

    def _get_known(self):
        return Counted(self.id, self.code, self.handler)
