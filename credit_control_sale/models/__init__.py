from . import credit_exposure, sale_order, sale_order_line
