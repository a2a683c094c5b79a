from odoo import fields, models
from odoo.tools import SQL

from .credit_kpi_snapshot import MONTHLY_AXES


class CreditKpiChange(models.Model):
    """A figure that is another than was written down before, since the ledger was changed back in time."""

    _name = "credit.kpi.change"
    _description = "Change of a past figure"
    _auto = False
    _order = "taken_at desc, date desc, id desc"
    _rec_name = "indicator"
    _depends = {
        "credit.kpi.snapshot": [
            "axis",
            "axis_value",
            "company_id",
            "date",
            "indicator",
            "label",
            "months",
            "partner_id",
            "taken_at",
            "value",
            "version",
        ]
    }

    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Date(readonly=True)
    axis = fields.Selection(selection=lambda self: self._get_axis_choices(), readonly=True)
    label = fields.Char(string="Of", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    indicator = fields.Selection(selection=lambda self: self.env["credit.kpi.words"]._get_indicators(), readonly=True)
    months = fields.Integer(string="Period (months)", readonly=True, aggregator=None)
    value_before = fields.Float(string="Before", digits=(16, 2), readonly=True, aggregator=None)
    value_after = fields.Float(string="After", digits=(16, 2), readonly=True, aggregator=None)
    difference = fields.Float(digits=(16, 2), readonly=True, aggregator="avg")
    taken_before = fields.Datetime(string="Written down before", readonly=True)
    taken_at = fields.Datetime(string="Found at", readonly=True)

    def _get_axis_choices(self):
        choices = dict(self.env["credit.kpi.snapshot"]._fields["axis"]._description_selection(self.env))
        return [(code, choices[code]) for code in MONTHLY_AXES]

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT later.id, later.company_id, later.date, later.axis, later.label, later.partner_id, later.indicator,
                   later.months, earlier.value AS value_before, later.value AS value_after,
                   later.value - earlier.value AS difference, earlier.taken_at AS taken_before, later.taken_at
              FROM credit_kpi_snapshot later
              JOIN credit_kpi_snapshot earlier
                ON (earlier.company_id, earlier.date, earlier.axis, earlier.axis_value, earlier.indicator,
                    earlier.months)
                   = (later.company_id, later.date, later.axis, later.axis_value, later.indicator, later.months)
               AND earlier.version = later.version - 1
             WHERE later.version > 1
            """
        )
