"""Standing in for somebody who is away: finding people, the form, the list, ending early."""

from __future__ import annotations

import json
import re

import pytest
from httpx2 import Response
from sqlalchemy import text

from engine.model.access import Role
from engine.store.database import reading, writing
from engine.store.people import contacts
from engine.store.people.contacts import HEAD, OFFICER, Contact
from tests.web.sites import Web

DISTRICT = "hai-phong.an-duong"
JUSTICE = "hai-phong.an-duong.phong-tu-phap"
CULTURE = "hai-phong.an-duong.phong-van-hoa-thong-tin"
PEOPLE = (
    Contact(JUSTICE, HEAD, "Nguyễn Đức An", "an@thu.test"),
    Contact(JUSTICE, OFFICER, "Trần Thị Bé", "be@thu.test"),
    Contact(CULTURE, HEAD, "Lê <Cường>", "cuong@thu.test"),
    Contact(CULTURE, OFFICER, "Nguyễn Đức An", "AN@thu.test"),
    Contact(DISTRICT, HEAD, "Phạm Dũng", "dung@thu.test"),
)


@pytest.fixture
def known(web: Web) -> dict[str, int]:
    """The numbers of these people by address."""
    with writing(web.site.engine) as connection:
        contacts.replace_all(connection, PEOPLE, {p.unit for p in PEOPLE})
        rows = connection.execute(text("SELECT email, id FROM contact ORDER BY id")).all()
    return {row[0]: row[1] for row in rows}


def get(web: Web, path: str, role: Role = Role.MANAGER) -> Response:
    answer = web.signed_in(role).client.get(path)
    assert isinstance(answer, Response)
    return answer


def post(web: Web, path: str, data: dict[str, object], role: Role = Role.MANAGER) -> Response:
    browser = web.signed_in(role)
    answer = browser.client.post(path, data={"khoa": browser.key, **data})
    assert isinstance(answer, Response)
    return answer


def form(known: dict[str, int], **more: object) -> dict[str, object]:
    """Nguyễn Đức An is away from tomorrow to Tuesday, Trần Thị Bé stands in."""
    return {
        "nguoi": known["an@thu.test"],
        "nguoi_thay": known["be@thu.test"],
        "tu_ngay": "16/06/2023",
        "den_ngay": "20/06/2023",
        "ly_do": "Đi học",
        **more,
    }


def rows(web: Web, query: str) -> list[tuple[object, ...]]:
    with reading(web.site.engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


STAND_INS = "SELECT contact, deputy, first_day, last_day, reason, created_by FROM stand_in ORDER BY id"


@pytest.mark.parametrize("words", ["nguyen duc", "NGUYỄN ĐỨC", "tu phap nguyen"])
def test_people_are_found_without_accents_and_shown_masked(
    web: Web, known: dict[str, int], words: str
) -> None:
    page = get(web, f"/thay-mat/them?tim={words}").text
    assert f'href="/thay-mat/them?nguoi={known["an@thu.test"]}"' in page
    assert "a***@thu.test" in page
    assert "an@thu.test" not in page.replace("a***@thu.test", "")
    assert "Phạm Dũng" not in page


def test_nobody_found_and_nobody_known_is_said(web: Web) -> None:
    assert "Danh bạ chưa có ai" in get(web, "/thay-mat/them").text
    assert "Không ai trong danh bạ khớp “xyz”" in get(web, "/thay-mat/them?tim=xyz").text


def test_colleagues_and_the_office_above_are_proposed_first(web: Web, known: dict[str, int]) -> None:
    page = get(web, f"/thay-mat/them?nguoi={known['an@thu.test']}").text
    proposed = re.findall(r'name="nguoi_thay"[^>]*value="(\d+)"', page)
    assert [int(id) for id in proposed] == [known["be@thu.test"], known["dung@thu.test"]]
    assert 'value="15/06/2023"' in page
    searched = get(web, f"/thay-mat/them?nguoi={known['an@thu.test']}&tim=van hoa").text
    assert re.findall(r'name="nguoi_thay"[^>]*value="(\d+)"', searched) == [str(known["cuong@thu.test"])]
    assert "Lê &lt;Cường&gt;" in searched


def test_a_stand_in_is_recorded_listed_and_audited(web: Web, known: dict[str, int]) -> None:
    answer = post(web, "/thay-mat/them", form(known))
    assert (answer.status_code, answer.headers["location"]) == (303, "/thay-mat?da=them")
    [row] = rows(web, STAND_INS)
    assert row[:2] == (known["an@thu.test"], known["be@thu.test"])
    assert row[4:] == ("Đi học", "Cán bộ manager (manager)")
    page = get(web, "/thay-mat?da=them").text
    for words in (
        "Đã ghi người nhận thay",
        "Nguyễn Đức An, thủ trưởng",
        "Trần Thị Bé",
        "thứ Sáu, 16/06/2023",
        "sắp tới",
    ):
        assert words in page
    [(action, subject, after)] = rows(web, "SELECT action, subject, after FROM audit")
    assert (action, str(subject).startswith("stand_in:")) == ("stand_in.add", True)
    assert json.loads(str(after))["deputy"] == known["be@thu.test"]


def test_all_units_of_the_person_when_wished(web: Web, known: dict[str, int]) -> None:
    page = get(web, f"/thay-mat/them?nguoi={known['an@thu.test']}").text
    assert "Cả những đơn vị khác" in page
    post(web, "/thay-mat/them", form(known, moi_don_vi="co"))
    away = {row[0] for row in rows(web, STAND_INS)}
    assert away == {known["an@thu.test"], known["AN@thu.test"]}


WRONG = [
    ({"nguoi_thay": ""}, "Hãy chọn người nhận thay"),
    ({"nguoi_thay": "²"}, "Hãy chọn người nhận thay"),
    ({"nguoi_thay": "999999"}, "không còn trong danh bạ"),
    ({"tu_ngay": "mai"}, "không phải là một ngày"),
    ({"den_ngay": ""}, "Phải ghi ngày"),
    ({"den_ngay": "15/06/2023"}, "từ ngày đầu trở đi"),
    ({"tu_ngay": "01/06/2023", "den_ngay": "14/06/2023"}, "đã qua"),
    ({"den_ngay": "20/06/2032"}, "quá một năm"),
    ({"ly_do": "x" * 301}, "Dài quá 300"),
]


@pytest.mark.parametrize(("fields", "said"), WRONG)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    web: Web, known: dict[str, int], fields: dict[str, object], said: str
) -> None:
    sent = form(known, **fields)
    answer = post(web, "/thay-mat/them", sent)
    assert (answer.status_code, said in answer.text) == (422, True)
    for name in ("tu_ngay", "den_ngay", "ly_do"):
        assert f'value="{sent[name]}"' in answer.text
    assert (rows(web, STAND_INS), rows(web, "SELECT id FROM audit")) == ([], [])


def test_an_overlap_and_a_circle_are_refused(web: Web, known: dict[str, int]) -> None:
    post(web, "/thay-mat/them", form(known))
    again = post(web, "/thay-mat/them", form(known, nguoi_thay=known["dung@thu.test"], tu_ngay="20/06/2023"))
    assert (again.status_code, "đã có người nhận thay từ 16/06/2023" in again.text) == (422, True)
    circle = form(known, nguoi=known["be@thu.test"], nguoi_thay=known["an@thu.test"])
    refused = post(web, "/thay-mat/them", circle)
    assert (refused.status_code, "quay vòng" in refused.text) == (422, True)
    # Of several units all or none: the second entry of the same person is free, the first one is not.
    both = post(web, "/thay-mat/them", form(known, nguoi=known["AN@thu.test"], moi_don_vi="co"))
    assert both.status_code == 422
    assert len(rows(web, STAND_INS)) == 1


def test_the_list_says_where_messages_really_go(web: Web, known: dict[str, int]) -> None:
    today = {"tu_ngay": "15/06/2023"}
    post(web, "/thay-mat/them", form(known, **today))
    post(
        web,
        "/thay-mat/them",
        form(known, nguoi=known["be@thu.test"], nguoi_thay=known["dung@thu.test"], **today),
    )
    assert "hôm nay tin gửi tới Phạm Dũng" in get(web, "/thay-mat").text
    with writing(web.site.engine) as connection:
        connection.execute(text("UPDATE contact SET active = false WHERE email = 'be@thu.test'"))
    assert "không còn trong danh bạ: tin vẫn gửi cho người vắng" in get(web, "/thay-mat").text


def test_one_is_ended_early_once(web: Web, known: dict[str, int]) -> None:
    post(web, "/thay-mat/them", form(known))
    [(id,)] = rows(web, "SELECT id FROM stand_in")
    assert post(web, f"/thay-mat/{id}/ket-thuc", {}).headers["location"] == "/thay-mat?da=ket-thuc"
    again = post(web, f"/thay-mat/{id}/ket-thuc", {})
    assert (again.status_code, "đã kết thúc trước đó" in again.text) == (409, True)
    page = get(web, "/thay-mat").text
    assert "đã kết thúc sớm lúc 10:00 15/06/2023" in page
    assert f"/thay-mat/{id}/ket-thuc" not in page
    assert [r[0] for r in rows(web, "SELECT action FROM audit ORDER BY id")] == [
        "stand_in.add",
        "stand_in.end",
    ]


@pytest.mark.parametrize(
    "path", ["/thay-mat/them?nguoi=99999", "/thay-mat/them?nguoi=x", "/thay-mat/them?nguoi=²"]
)
def test_a_stranger_is_not_found(web: Web, known: dict[str, int], path: str) -> None:
    assert get(web, path).status_code == 404


@pytest.mark.parametrize("id", ["0", "77", "99999999999999999999"])
def test_what_does_not_exist_cannot_be_ended(web: Web, id: str) -> None:
    assert post(web, f"/thay-mat/{id}/ket-thuc", {}).status_code == 404


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.LEADER, Role.ADMINISTRATOR])
def test_only_who_decides_sees_people(web: Web, known: dict[str, int], role: Role) -> None:
    assert get(web, "/thay-mat", role).status_code == 403
    assert get(web, "/thay-mat/them?tim=an", role).status_code == 403
    assert post(web, "/thay-mat/them", form(known), role).status_code == 403
    assert post(web, "/thay-mat/1/ket-thuc", {}, role).status_code == 403
