from . import aged_balance_pdf, aged_balance_xlsx
