"""Three districts, three nights and a school day, played on the embedded stack: ``make demo``."""
