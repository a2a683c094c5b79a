from . import test_aged_balance
