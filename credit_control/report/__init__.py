from . import credit_claim_declaration, credit_statement
