"""The menu: which pages each role finds at the top."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.access import Permission, Role, may


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    path: str
    name: str
    permission: Permission


_MENU = (
    Entry("/qua-han", "Quá hạn", Permission.READ),
    Entry("/sap-den-han", "Sắp đến hạn", Permission.READ),
    Entry("/cho-xac-nhan", "Chờ xác nhận", Permission.READ),
    Entry("/tat-ca", "Tất cả nhiệm vụ", Permission.READ),
    Entry("/theo-don-vi", "Theo đơn vị", Permission.READ),
    Entry("/theo-ke-hoach", "Theo kế hoạch", Permission.READ),
    Entry("/tong-quan", "Tổng quan", Permission.READ),
    Entry("/bao-cao", "Báo cáo", Permission.READ),
    Entry("/soan-ke-hoach", "Soạn kế hoạch", Permission.CHECK_PLANS),
    Entry("/don-doc", "Đã đôn đốc", Permission.SEE_DESK),
    Entry("/thay-mat", "Nhận thay", Permission.DECIDE),
    Entry("/thong-bao", "Thông báo đã gửi", Permission.SEE_DESK),
    Entry("/danh-ba", "Danh bạ", Permission.MANAGE_PEOPLE),
    Entry("/lien-ket", "Đường dẫn", Permission.MANAGE_PEOPLE),
    Entry("/nguoi-dung", "Người dùng", Permission.MANAGE_PEOPLE),
    Entry("/ket-noi", "Kết nối", Permission.MANAGE_PEOPLE),
    Entry("/nhat-ky", "Nhật ký", Permission.MANAGE_PEOPLE),
)


def menu_of(role: Role) -> tuple[Entry, ...]:
    """The entries that ``role`` may open."""
    return tuple(entry for entry in _MENU if may(role, entry.permission))
