"""Rules as data: read strictly, tried out, compiled to durable_rules, explained in Vietnamese."""
