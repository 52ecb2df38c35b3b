"""The web page: the office's lists, the unit's page behind a link, the API. Stands on top of engine."""
