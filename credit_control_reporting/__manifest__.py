{
    "name": "Credit Control Reporting",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "summary": "Aged balance as of any date, DSO family, history of the receivables; screen, PDF and XLSX",
    "author": "Credit Control maintainers",
    "license": "AGPL-3",
    "depends": ["credit_control"],
    "data": [
        "security/ir.model.access.csv",
        "security/credit_reporting_rules.xml",
        "data/ir_cron_data.xml",
        "report/aged_balance_pdf.xml",
        "views/credit_reporting_menus.xml",
        "views/credit_report_schedule_views.xml",
    ],
    "assets": {"web.assets_backend": ["credit_control_reporting/static/src/**/*"]},
    "external_dependencies": {"python": ["xlsxwriter"]},
}
