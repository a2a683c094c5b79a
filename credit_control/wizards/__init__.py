from . import (
    credit_dunning_approval,
    credit_dunning_call_wizard,
    credit_dunning_decide,
    credit_dunning_entry_proposal,
    credit_dunning_entry_proposal_line,
    credit_dunning_pause_wizard,
    credit_dunning_postpone,
    credit_dunning_tracking,
    credit_ledger_import,
    credit_ledger_import_apply,
    credit_setup,
    credit_setup_item,
)
