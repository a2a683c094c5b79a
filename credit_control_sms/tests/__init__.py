from . import (
    test_sms_access,
    test_sms_channel,
    test_sms_demo,
    test_sms_fuzz,
    test_sms_person,
    test_sms_queue,
    test_sms_twilio,
    test_sms_webhook,
)
