-- services that are asked for ratings: a copy neither asks them nor keeps their keys
UPDATE credit_rating_provider
   SET active = FALSE, key = NULL;
