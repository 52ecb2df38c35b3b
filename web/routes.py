"""All routes, each room's own router; the order decides where two patterns fit."""

from __future__ import annotations

from fastapi import APIRouter

from web.entrance import health, start

ROUTERS: tuple[APIRouter, ...] = (health.router, start.router)
