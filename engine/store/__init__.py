"""What happened: SQLModel tables, migrations, and the few ways in which they change."""
