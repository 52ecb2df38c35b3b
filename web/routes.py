"""All routes, each room's own router; the order decides where two patterns fit."""

from __future__ import annotations

from fastapi import APIRouter

from web.api import assignments, description, measurements, progress, register, webhooks
from web.authoring import check, plan, plans, sent_over_year, time_cell
from web.away import adding, stand_ins
from web.chasing import preview as chase_preview
from web.chasing import so_far as chases_so_far
from web.connections import feeds, keys, overview
from web.connections import webhooks as listeners
from web.desk import channels, message, messages, reasons, waiting
from web.entrance import health, metrics, password, sign_in, single_sign_on, start
from web.evidence import downloads
from web.feed import feed
from web.links import links
from web.lists import grouped, lists
from web.overview import by_unit, ranking, summary, trend, year
from web.people import audit_log, contact_files, contacts, personal_data, reaching, users
from web.reports import closed as closed_reports
from web.reports import closing as closing_reports
from web.reports import draft as report_draft
from web.reports import reports
from web.unit_page import catalogue as unit_catalogue
from web.unit_page import helping, measuring, owed, telling
from web.unit_page import work as unit_work
from web.work import assignment, task
from web.zalo import contact_page as contact_zalo
from web.zalo import own_page as own_zalo
from web.zalo import webhook as zalo_webhook

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    metrics.router,
    start.router,
    lists.router,
    grouped.router,
    assignment.router,
    task.router,
    adding.router,
    stand_ins.router,
    sign_in.router,
    password.router,
    single_sign_on.router,
    users.router,
    contacts.router,
    contact_files.router,
    reaching.router,
    personal_data.router,
    audit_log.router,
    description.router,
    assignments.router,
    progress.router,
    measurements.router,
    register.router,
    webhooks.router,
    feed.router,
    overview.router,
    keys.router,
    feeds.router,
    listeners.router,
    messages.router,
    reasons.router,
    waiting.router,
    channels.router,
    message.router,
    plans.router,
    check.router,
    time_cell.router,
    sent_over_year.router,
    plan.router,
    summary.router,
    by_unit.router,
    trend.router,
    year.router,
    ranking.router,
    reports.router,
    report_draft.router,
    closing_reports.router,
    closed_reports.router,
    chase_preview.router,
    chases_so_far.router,
    owed.router,
    unit_work.router,
    helping.router,
    measuring.router,
    unit_catalogue.router,
    telling.router,
    downloads.router,
    links.router,
    zalo_webhook.router,
    contact_zalo.router,
    own_zalo.router,
)
