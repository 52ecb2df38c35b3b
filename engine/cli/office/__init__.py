"""Commands that work on the database: what is owed, what was said, who is told."""

from engine.cli.office import (  # each module registers its commands when it is imported
    care as care,
    contacts as contacts,
    decide as decide,
    demo as demo,
    lists as lists,
    passes as passes,
    reasons as reasons,
    say as say,
    worker as worker,
)
