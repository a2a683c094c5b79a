from . import test_delivered_exposure, test_delivery_hold
