from . import credit_ledger_import, credit_ledger_import_apply
