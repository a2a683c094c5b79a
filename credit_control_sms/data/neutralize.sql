UPDATE credit_sms_gateway
   SET active = FALSE, token = NULL, application_key = NULL, application_secret = NULL, consumer_key = NULL,
       webhook_token = NULL, webhook_key = NULL, url = NULL;
