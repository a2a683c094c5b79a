from . import credit_exposure, sale_order
