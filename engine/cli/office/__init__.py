"""Commands that work on the database: what is owed, what was said, who is told."""

from engine.cli.office import (  # each module registers its commands when it is imported
    account as account,
)
from engine.cli.office import (
    care as care,
)
from engine.cli.office import (
    channels as channels,
)
from engine.cli.office import (
    chase as chase,
)
from engine.cli.office import (
    contacts as contacts,
)
from engine.cli.office import (
    decide as decide,
)
from engine.cli.office import (
    demo as demo,
)
from engine.cli.office import (
    link as link,
)
from engine.cli.office import (
    lists as lists,
)
from engine.cli.office import (
    measure as measure,
)
from engine.cli.office import (
    passes as passes,
)
from engine.cli.office import (
    reasons as reasons,
)
from engine.cli.office import (
    report as report,
)
from engine.cli.office import (
    report_catalogue as report_catalogue,
)
from engine.cli.office import (
    report_closing as report_closing,
)
from engine.cli.office import (
    report_indicators as report_indicators,
)
from engine.cli.office import (
    report_paper as report_paper,
)
from engine.cli.office import (
    say as say,
)
from engine.cli.office import (
    web as web,
)
from engine.cli.office import (
    worker as worker,
)
from engine.cli.office import (
    zalo as zalo,
)
from engine.cli.office import (
    zns as zns,
)
