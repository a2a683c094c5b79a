{
    "name": "Credit Control Reporting",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "summary": "Aged balance as of any date, DSO family, history of the receivables; screen, PDF and XLSX",
    "author": "Credit Control maintainers",
    "license": "AGPL-3",
    "depends": ["credit_control"],
    "external_dependencies": {"python": ["xlsxwriter"]},
}
