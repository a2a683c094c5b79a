from . import (
    credit_report,
    credit_aged_axis,
    credit_kpi_source,
    credit_kpi,
    credit_aged_balance,
    credit_aged_balance_screen,
    credit_open_item,
    credit_report_schedule,
    credit_provision_rule,
    credit_report_tables,
    credit_dashboard,
    credit_report_bad_debt_vat,
    credit_report_causes,
    credit_report_concentration,
    credit_report_late_terms,
    credit_report_provision,
    credit_report_receipts,
    credit_report_risk_map,
    credit_report_strategy,
    credit_report_team,
)
from . import ir_actions_report, res_company, res_config_settings
from . import credit_kpi_words, credit_kpi_target
from . import credit_kpi_snapshot, credit_kpi_change, credit_kpi_event
from . import credit_report_indicators
