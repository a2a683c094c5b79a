from . import test_access, test_sale_credit, test_sale_credit_http, test_sale_demo
