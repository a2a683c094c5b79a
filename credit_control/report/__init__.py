from . import (
    credit_claim_declaration,
    credit_litigation_tables,
    credit_payment_plan,
    credit_score_print,
    credit_statement,
)
