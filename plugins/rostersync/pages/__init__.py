"""Pages that are made from what they describe, and that tests hold: ``make docs`` writes them anew."""

PAGES = ("cli", "contributing", "dags", "district", "environment", "files", "warehouse")
"""Each is made by ``page()`` of the module ``<name>_page`` and lies where its ``PAGE`` says."""
