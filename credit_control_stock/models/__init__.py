from . import account_move, credit_exposure, sale_order, sale_order_line, stock_move, stock_picking
