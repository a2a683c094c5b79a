from . import abstract
from . import disputes, overdue_share, payment_index, promises, trend
