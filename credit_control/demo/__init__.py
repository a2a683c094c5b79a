"""A demonstration ledger, made on demand: ``from odoo.addons.credit_control.demo.ledger import build``.

Not loaded with the addon and no XML demo data: :func:`ledger.build` posts two years of
invoices of an invented French company through Odoo itself, on dates relative to a day.
"""
