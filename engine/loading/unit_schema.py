"""The schema of a unit file: offices and the names that stand for many."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from engine.loading.validate import Flag, StrictModel, Text, VietnameseDate
from engine.model.unit import Level, UnitKind

UnitId = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=120)]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class UnitSchema(StrictModel):
    id: UnitId = Field(title="Mã", description="Mã của đơn vị cấp trên, dấu chấm, rồi tên ngắn không dấu")
    name: Text = Field(title="Tên chính thức")
    aliases: list[Text] = Field(default_factory=list, title="Cách viết khác")
    level: Level = Field(title="Cấp")
    kind: UnitKind = Field(title="Loại")
    form: Text | None = Field(None, title="Loại hình", description="xã, phường, thị trấn, huyện, quận …")
    parent: UnitId | None = Field(None, title="Đơn vị cấp trên", description="Mặc định suy từ mã")
    valid_from: VietnameseDate | None = Field(None, title="Có từ ngày")
    valid_to: VietnameseDate | None = Field(None, title="Đến hết ngày")
    merged_into: UnitId | None = Field(None, title="Đơn vị kế thừa")
    source: Text | None = Field(None, title="Căn cứ")
    note: Text | None = Field(None, title="Ghi chú")


class SelectSchema(StrictModel):
    kind: UnitKind = Field(title="Loại")
    level: Level | None = Field(None, title="Cấp")
    form: Annotated[list[Text], BeforeValidator(_listed)] = Field(default_factory=list, title="Loại hình")


class GroupSchema(StrictModel):
    id: UnitId = Field(title="Mã")
    name: Text = Field(title="Tên nhóm")
    aliases: list[Text] = Field(default_factory=list, title="Cách viết khác")
    under: UnitId | None = Field(None, title="Chỉ dùng cho kế hoạch của")
    select: SelectSchema | None = Field(None, title="Chọn theo loại", description="Tìm dưới cơ quan ban hành")
    members: list[UnitId] | Literal["unlisted"] | None = Field(
        None, title="Thành viên", description="Danh sách mã, hoặc “unlisted” khi văn bản không liệt kê"
    )
    partial: Flag = Field(False, title="Chưa đủ", description="Mới gồm các đơn vị văn bản có nêu tên")
    source: Text | None = Field(None, title="Căn cứ")
    note: Text | None = Field(None, title="Ghi chú")


class UnitFileSchema(StrictModel):
    """Sổ đơn vị: đơn vị và nhóm đơn vị."""

    units: list[UnitSchema] = Field(default_factory=list, title="Đơn vị")
    groups: list[GroupSchema] = Field(default_factory=list, title="Nhóm đơn vị")
