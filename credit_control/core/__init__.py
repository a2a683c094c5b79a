"""Credit control without Odoo: values in, values out.

Nothing here knows a record, a clock, a translated word or a database. Dates and
rounding are arguments, reasons are codes; the models gather the values, ask this
package to decide, and apply the answer.
"""
