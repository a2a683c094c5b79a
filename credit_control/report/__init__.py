from . import credit_claim_declaration, credit_score_print, credit_statement
