from . import test_sale_credit, test_sale_credit_http
