from . import (
    test_channels,
    test_dunning_notice,
    test_dunning_guard,
    test_dunning_delivery,
    test_dunning_run,
    test_ledger_import,
    test_mail_gateway,
)
