import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CreditOpenItem(models.Model):
    """The items behind a figure of the aged balance: found by the very query that added it up."""

    _inherit = "credit.open.item"

    aged_cell = fields.Char(
        string="Figure of the aged balance",
        compute="_compute_aged_cell",
        search="_search_aged_cell",
        help="Finds the items that a figure of the aged balance was added up from.",
    )

    def _compute_aged_cell(self):
        """An item belongs to many figures: this is for searching only."""
        self.aged_cell = False

    def _search_aged_cell(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("id", "in", [item_id for cell in value if cell for item_id in self._find_cell(cell)])

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Find the items of a figure first: what is searched for is then read by their ids."""
        domain = Domain(domain).map_conditions(self._resolve_cell)
        return super()._search(domain, *args, **kwargs)

    def _resolve_cell(self, condition):
        if condition.field_expr != "aged_cell" or condition.operator not in ("=", "in"):
            return condition
        value = condition.value
        return self._search_aged_cell("in", value if condition.operator == "in" else [value])

    def _find_cell(self, cell):
        """Return the ids of the items of a figure: see :func:`write_cell`."""
        try:
            values, keys, column = json.loads(cell)
            if not isinstance(values, dict) or not isinstance(keys, list):
                raise ValueError(cell)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("This isn't a figure of the aged balance: %s", cell)) from error
        balance = self.env["credit.aged.balance"]
        return balance._query_item_ids(balance._read_options(values), keys, column)


def write_cell(values, options, keys, column):
    """Return what names a figure in a domain: the options of its report, with its day, its line and its column."""
    return json.dumps([{**values, "as_of": options.as_of.isoformat()}, list(keys), column])
