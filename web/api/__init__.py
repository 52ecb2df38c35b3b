"""The JSON API for the other systems of the province: assignments, progress, plans, units, webhooks."""
