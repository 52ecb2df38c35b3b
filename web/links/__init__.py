"""``/lien-ket``: which links open a unit's page, made and revoked by the administrator."""
