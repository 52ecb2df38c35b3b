"""The tables. Instants are aware UTC, dates are dates in Viet Nam; enums are stored as text."""

from engine.store.tables.access import (
    AccountRow,
    ApiKeyRow,
    AttemptRow,
    AuditRow,
    LinkRow,
    SessionRow,
)
from engine.store.tables.channels import (
    BotUpdateRow,
    ChannelStateRow,
    PairingRow,
    RefusalRow,
    TokenRow,
)
from engine.store.tables.outward import (
    ApiRequestRow,
    EvidenceRow,
    WebhookCallRow,
    WebhookRow,
)
from engine.store.tables.reports import (
    CatalogueMarkRow,
    ClosedReportRow,
    MeasurementRow,
    PromiseChangeRow,
)
from engine.store.tables.sending import (
    AttachmentRow,
    ChaseRow,
    ContactRow,
    DeliveryRow,
    MessageNoticeRow,
    MessageRow,
    NoticeRow,
    SlotRow,
    StandInRow,
)
from engine.store.tables.work import (
    AcceptedFile,
    AssignmentRow,
    ContributionRow,
    EventRow,
    PlanRow,
    TaskRow,
)

__all__ = [
    "AcceptedFile",
    "AccountRow",
    "ApiKeyRow",
    "ApiRequestRow",
    "AssignmentRow",
    "AttachmentRow",
    "AttemptRow",
    "AuditRow",
    "BotUpdateRow",
    "CatalogueMarkRow",
    "ChannelStateRow",
    "ChaseRow",
    "ClosedReportRow",
    "ContactRow",
    "ContributionRow",
    "DeliveryRow",
    "EventRow",
    "EvidenceRow",
    "LinkRow",
    "MeasurementRow",
    "MessageNoticeRow",
    "MessageRow",
    "NoticeRow",
    "PairingRow",
    "PlanRow",
    "PromiseChangeRow",
    "RefusalRow",
    "SessionRow",
    "SlotRow",
    "StandInRow",
    "TaskRow",
    "TokenRow",
    "WebhookCallRow",
    "WebhookRow",
]
