{
    "name": "Credit Control",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "summary": "Dunning policies, pauses, journal of decisions: a ledger turned into cash",
    "author": "Credit Control maintainers, Odoo Community Association (OCA)",
    "license": "AGPL-3",
    "depends": ["account", "account_payment", "mail", "phone_validation", "portal"],
    "external_dependencies": {"python": ["phonenumbers"]},
    "data": [
        "security/credit_control_groups.xml",
        "security/ir.model.access.csv",
        "security/credit_control_rules.xml",
        "data/credit_channel_data.xml",
        "wizards/credit_ledger_import_views.xml",
        "data/ir_cron_data.xml",
    ],
    "application": True,
}
