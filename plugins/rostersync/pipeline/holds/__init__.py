"""What waits for a person: judged, kept, compared with what waited before."""
