"""The steps of a sync and the walks through them."""
