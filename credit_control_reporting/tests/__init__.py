from . import (
    test_access,
    test_aged_axes,
    test_aged_balance,
    test_aged_demo,
    test_aged_workbook,
    test_far_dates,
    test_report_access,
    test_report_activity,
    test_report_closing,
    test_report_download,
    test_report_parts,
    test_report_receipts,
    test_report_schedule,
    test_report_tours,
    test_report_workbook,
)
from . import kpi_common, test_kpi, test_kpi_rates, test_kpi_snapshot, test_report_indicators
