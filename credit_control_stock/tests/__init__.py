from . import test_access, test_delivered_exposure, test_delivery_hold, test_stock_demo
