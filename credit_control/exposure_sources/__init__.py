from . import abstract
from . import open_item, payment
from . import collection, dated_ahead, drafts, not_due, overdue, payments_in_transit, unallocated
