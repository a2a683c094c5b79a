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
        "security/credit_kpi_rules.xml",
        "data/credit_provision_data.xml",
        "data/ir_cron_data.xml",
        "data/credit_kpi_cron_data.xml",
        "report/aged_balance_pdf.xml",
        "report/report_pdf.xml",
        "report/bad_debt_vat_pdf.xml",
        "views/credit_reporting_menus.xml",
        "views/credit_provision_rule_views.xml",
        "views/credit_report_menus.xml",
        "views/credit_report_schedule_views.xml",
        "views/credit_kpi_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "assets": {
        "web.assets_backend": [
            # Before those who use it.
            "credit_control_reporting/static/src/tones.scss",
            "credit_control_reporting/static/src/**/*",
        ]
    },
    "external_dependencies": {"python": ["xlsxwriter"]},
}
