from . import credit_aged_axis, credit_aged_balance, credit_aged_balance_screen
