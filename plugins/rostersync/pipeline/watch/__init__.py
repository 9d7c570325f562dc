"""Who looks at what happened, or did not: alerts, digests, deadlines, drift, heartbeat."""
