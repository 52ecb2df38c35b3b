"""``/ket-noi``: the administrator's page of what other systems may read, send and hear."""
