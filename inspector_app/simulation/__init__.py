"""Simulated production: what policy, guards and audits would do over months, before anybody trusts them."""
