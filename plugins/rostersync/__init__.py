"""rostersync: receives school districts' SIS exports and keeps a Postgres warehouse true to them."""
