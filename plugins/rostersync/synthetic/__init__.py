"""Makes districts that do not exist: uploads of invented people, night by night."""
