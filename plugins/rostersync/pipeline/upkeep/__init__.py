"""What keeps the house: rebuilding, explaining, Data Docs, reports to the district."""
