from . import aged_balance_pdf, aged_balance_xlsx, bad_debt_vat_pdf, report_pdf, report_xlsx
