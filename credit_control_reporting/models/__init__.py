from . import (
    credit_report,
    credit_aged_axis,
    credit_aged_balance,
    credit_aged_balance_screen,
    credit_open_item,
    credit_report_schedule,
)
