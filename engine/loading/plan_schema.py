"""The schema of a plan file: what each key is called and may hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from engine.loading.validate import Flag, StrictModel, Text, VietnameseDate
from engine.vietnamese import tidy


def _paragraphs(value: Any) -> Any:
    """Keeps the lines of a text (bullets in a cell), each tidied; blank lines go."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "\n".join(line for raw in value.splitlines() if (line := tidy(raw)))
    return value


Words = Annotated[str, BeforeValidator(_paragraphs, json_schema_input_type=str | None)]
Paragraphs = Annotated[str, BeforeValidator(_paragraphs), Field(min_length=1)]


def _names(value: Any) -> Any:
    """One text parts its names by ";" as documents do; a list is taken as it stands."""
    if value is None:
        return []
    if isinstance(value, str):
        return [name for part in value.split(";") if (name := tidy(part).strip(" -.,"))]
    if isinstance(value, list):
        return [tidy(name).strip(" -.,") if isinstance(name, str) else name for name in value]
    return value


Names = Annotated[
    list[Text],
    BeforeValidator(_names, json_schema_input_type=str | list[str] | None),
]


class SettingsSchema(StrictModel):
    roll: Flag = Field(
        True, title="Lùi ngày nghỉ", description="Hạn rơi vào ngày nghỉ thì lùi sang ngày làm việc kế tiếp"
    )
    before_day: Literal["exclusive", "inclusive"] = Field(
        "exclusive", title="“trước ngày X”", description="exclusive: hạn là X−1; inclusive: hạn là X"
    )
    completion: Literal["reported", "confirmed"] = Field(
        "reported",
        title="Ngày hoàn thành",
        description="reported: ngày đơn vị báo cáo; confirmed: ngày văn phòng xác nhận",
    )


class ReportingSchema(StrictModel):
    closes_on: Annotated[int, Field(ge=1, le=31)] = Field(
        title="Ngày chốt số liệu",
        description="Ngày cuối của tháng báo cáo: 15 là từ ngày 16 tháng trước đến ngày 15; 31 là cuối tháng",
    )
    send_before: Annotated[int, Field(ge=1, le=31)] | None = Field(
        None, title="Gửi báo cáo trước ngày", description="Ngày trong tháng; bỏ trống nếu không quy định"
    )


class HeadSchema(StrictModel):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)] = Field(
        title="Mã kế hoạch", description="Chữ thường không dấu, số và gạch nối; trùng với tên tệp"
    )
    number: Text = Field(title="Số, ký hiệu")
    title: Text = Field(title="Trích yếu")
    issuer: Text = Field(title="Cơ quan ban hành")
    issued: VietnameseDate | None = Field(None, title="Ngày ban hành", description="dd/mm/yyyy")
    in_force_from: VietnameseDate | None = Field(
        None, title="Có hiệu lực từ", description="Ngày đầu tiên được tính khi văn bản để trống ngày ban hành"
    )
    year: Annotated[int, Field(ge=1990, le=2100)] = Field(title="Năm kế hoạch")
    monitor: Text = Field(
        title="Đơn vị theo dõi", description="Theo dõi, đôn đốc; được báo đầu tiên khi chậm"
    )
    leader: Text | None = Field(
        None, title="Lãnh đạo phụ trách", description="Được báo sau cùng; mặc định là cơ quan ban hành"
    )
    secrecy: Words = Field("", title="Độ mật", description="Kế hoạch mật không được đưa vào phần mềm này")
    settings: SettingsSchema = Field(default_factory=SettingsSchema, title="Cách đọc thời hạn")
    reporting: ReportingSchema | None = Field(
        None,
        title="Kỳ báo cáo riêng",
        description="Bỏ trống: theo Điều 12 Nghị định 09/2019/NĐ-CP, từ ngày 15 tháng trước đến ngày 14",
    )


class AppendixMarker(StrictModel):
    appendix: Text = Field(title="Phụ lục", description="Mốc: áp dụng cho các dòng bên dưới")
    heading: Words = Field("", title="Tên phụ lục")


class SectionMarker(StrictModel):
    section: Text = Field(title="Mục", description="Mốc: dòng tiêu đề mục của phụ lục")


class GroupMarker(StrictModel):
    group: Words = Field(
        title="Dòng đầu mục", description="Mốc: dòng có số chỉ để dẫn các dòng con; rỗng là hết"
    )


class MilestoneSchema(StrictModel):
    title: Text = Field(title="Nội dung")
    deadline: Words = Field("", title="Thời gian thực hiện")
    deliverable: Words = Field("", title="Sản phẩm")


class TaskRow(StrictModel):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=60)] | None = Field(
        None, title="Mã nhiệm vụ", description="Giữ cố định; bắt buộc với dòng không có STT"
    )
    stt: Text | None = Field(None, title="STT")
    title: Paragraphs = Field(title="Nhiệm vụ")
    lead: Names = Field(
        title="Chủ trì", description="Nhiều đơn vị cách nhau bằng dấu “;” hoặc là một danh sách"
    )
    coordinating: Names = Field(default_factory=list, title="Phối hợp")
    deadline: Words = Field("", title="Thời gian thực hiện", description="Ghi đúng như văn bản")
    deliverable: Words = Field("", title="Sản phẩm")
    milestones: list[MilestoneSchema] = Field(default_factory=list, title="Mốc")
    note: Words = Field("", title="Ghi chú")


def _row_tag(value: Any) -> str:
    if isinstance(value, dict) and "title" not in value:
        for marker in ("appendix", "section", "group"):
            if marker in value:
                return marker
    return "task"


Row = Annotated[
    Annotated[AppendixMarker, Tag("appendix")]
    | Annotated[SectionMarker, Tag("section")]
    | Annotated[GroupMarker, Tag("group")]
    | Annotated[TaskRow, Tag("task")],
    Discriminator(_row_tag),
]


class UnderMarker(StrictModel):
    under: Text = Field(title="Thuộc", description="Mốc: tên đơn vị bên dưới được tìm trong đơn vị này")


def _table_row_tag(value: Any) -> str:
    return "under" if isinstance(value, dict) else "row"


TableRow = Annotated[
    Annotated[UnderMarker, Tag("under")] | Annotated[Text, Tag("row")], Discriminator(_table_row_tag)
]


class IndicatorTableSchema(StrictModel):
    appendix: Words = Field("", title="Phụ lục")
    table: Text = Field(title="Tên bảng")
    name: Text = Field(title="Chỉ tiêu")
    columns: list[Text] = Field(title="Các cột", description="Sau hai cột STT và đơn vị", min_length=1)
    target: Text = Field(title="Cột chỉ tiêu giao")
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=40)] | None = Field(
        None, title="Mã bảng", description="Giữ cố định mã các chỉ tiêu khi đổi tên bảng"
    )
    at_most: Flag = Field(False, title="Càng thấp càng tốt", description="Đạt khi số liệu không quá chỉ tiêu")
    cumulative: Flag = Field(
        False, title="Lũy kế", description="Mỗi số liệu cộng dồn từ đầu năm, không phải riêng của kỳ"
    )
    checks: list[Text] = Field(
        default_factory=list,
        title="Quan hệ giữa các cột",
        description="“C = B / A”: A là cột đầu tiên sau đơn vị; được dùng + - * / ( ), số, sum(F), total(F). "
        "Ô in có dấu % thì so bằng phần trăm",
    )
    rows: list[TableRow] = Field(title="Các dòng", description="STT | đơn vị | ô | ô …", min_length=1)
    printed_total: Words = Field("", title="Dòng “Tổng cộng” như in trong bảng")


class CatalogueSchema(StrictModel):
    appendix: Words = Field("", title="Phụ lục")
    level: Text = Field(title="Cấp")
    unit: Text = Field(title="Đơn vị")
    field: Words = Field("", title="Lĩnh vực")
    procedures: list[Text] = Field(title="Thủ tục", description="“1. Tên thủ tục”", min_length=1)


class PlanSchema(StrictModel):
    """Kế hoạch: văn bản có phụ lục giao nhiệm vụ."""

    plan: HeadSchema = Field(title="Kế hoạch")
    tasks: list[Row] = Field(default_factory=list, title="Nhiệm vụ trong các phụ lục")
    duties: list[Row] = Field(default_factory=list, title="Nhiệm vụ có thời hạn trong thân văn bản")
    indicators: list[IndicatorTableSchema] = Field(default_factory=list, title="Bảng chỉ tiêu")
    catalogue: list[CatalogueSchema] = Field(default_factory=list, title="Danh mục thủ tục")
