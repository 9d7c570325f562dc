"""What a person decides, as part of the fold."""
