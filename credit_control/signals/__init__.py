from . import abstract
from . import (
    broken_promise,
    dispute_late,
    first_late,
    first_part_payment,
    grade_down,
    grade_up,
    lateness,
    limit_use,
    order_peak,
    pays_earlier,
    rating_down,
    returned_payment,
)
