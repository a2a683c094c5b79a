"""``setup/run``: a database, its ledger, today's dunning, a table, the web client."""
