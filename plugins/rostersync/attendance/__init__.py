"""Notices: which are due when, what is written of them, and what a person says about them."""
