from . import (
    test_channels,
    test_demo_ledger,
    test_dunning_notice,
    test_dunning_guard,
    test_dunning_delivery,
    test_dunning_run,
    test_ledger_import,
    test_mail_gateway,
    test_open_item,
    test_payment_return,
)
