{
    "name": "Credit Control Reporting",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "summary": "Aged balance as of any date, DSO family, history of the receivables; screen, PDF and XLSX",
    "author": "Credit Control maintainers",
    "license": "AGPL-3",
    "depends": ["credit_control"],
    "data": ["report/aged_balance_pdf.xml", "views/credit_reporting_menus.xml"],
    "assets": {"web.assets_backend": ["credit_control_reporting/static/src/**/*"]},
    "external_dependencies": {"python": ["xlsxwriter"]},
}
