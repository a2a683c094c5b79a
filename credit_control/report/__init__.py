from . import (
    credit_documents,
    credit_bad_debt,
    credit_claim_declaration,
    credit_interest_sheet,
    credit_litigation_tables,
    credit_payment_plan,
    credit_score_print,
    credit_statement,
)
