UPDATE credit_sms_gateway SET active = FALSE;
DELETE FROM credit_sms_secret;
