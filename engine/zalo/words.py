"""What the bot says, Vietnamese and plain: Zalo shows no markup."""

from __future__ import annotations

from collections.abc import Sequence

_MOST_UNITS = 3

HOW_TO_STOP = "Muốn thôi nhận tin qua Zalo, anh/chị nhắn: DỪNG"
_NEW_CODE = (
    "Mỗi mã dùng được một lần, trong 7 ngày. Anh/chị tạo mã mới ở trang của đơn vị (đường dẫn trong tin "
    "nhắc, mục “Nhận tin qua Zalo”) hoặc hỏi văn phòng, rồi gửi vào đây."
)

WRONG = (
    "Chưa ghép được: không có mã này. Anh/chị xem lại từng chữ rồi gửi lại. Mã có 8 chữ và số, không có "
    "chữ O, I, L và số 0, 1."
)
USED = f"Mã này đã được dùng rồi. {_NEW_CODE}"
OVER = f"Mã này đã hết hạn hoặc đã được thay bằng mã mới. {_NEW_CODE}"
IN_A_GROUP = (
    "Mã ghép chỉ dùng trong cuộc trò chuyện riêng với bot. Mã vừa gửi đã có người khác thấy: anh/chị tạo "
    "mã mới rồi gửi riêng cho bot."
)
UNKNOWN_CHAT = (
    "Xin chào anh/chị. Đây là bot nhắc việc theo kế hoạch, chỉ gửi tin cho người đã ghép.\n\n"
    "Để nhận tin nhắc ở đây, anh/chị lấy mã ghép ở trang của đơn vị (đường dẫn trong tin nhắc, mục “Nhận tin "
    "qua Zalo”) hoặc hỏi văn phòng, rồi gửi mã đó vào đây. Mã có dạng XXXX-XXXX."
)
NOTHING_TO_STOP = "Cuộc trò chuyện này chưa ghép với ai nên không có tin nhắc nào được gửi tới đây."
PERHAPS_STOP = (
    "Anh/chị muốn thôi nhận tin qua Zalo? Nếu đúng, xin nhắn: DỪNG (có dấu) hoặc STOP. Nếu không, anh/chị "
    "không cần làm gì."
)


def paired(units: Sequence[str]) -> str:
    """After a code that worked."""
    return f"Đã ghép xong. Từ nay tin nhắc việc của {listed(units)} sẽ đến đây.\n\n{HOW_TO_STOP}"


def known_chat(units: Sequence[str]) -> str:
    """To whoever is paired and says anything else."""
    return (
        f"Tin nhắc việc của {listed(units)} đang đến đây. Bot chỉ gửi tin, không đọc được câu trả lời: để "
        f"báo kết quả, anh/chị mở đường dẫn trong tin nhắc.\n\n{HOW_TO_STOP}"
    )


def stopped(units: Sequence[str], elsewhere: str) -> str:
    """After the chat was unpaired; ``elsewhere`` names the channels that messages take from now on."""
    return (
        f"Đã dừng. Tin nhắc việc của {listed(units)} không đến đây nữa, sẽ đi qua {elsewhere}.\n\n"
        "Muốn nhận lại qua Zalo, anh/chị gửi một mã ghép mới vào đây."
    )


def cannot_stop(units: Sequence[str]) -> str:
    """Where nothing else would reach the person."""
    return (
        f"Chưa dừng được: Zalo là cách duy nhất để tin nhắc đến với {listed(units)}. Anh/chị đề nghị văn "
        "phòng ghi thêm địa chỉ thư hoặc số điện thoại vào danh bạ, rồi nhắn lại."
    )


def wait(again: str) -> str:
    """After too many wrong codes; ``again`` says when to try again."""
    return f"Có quá nhiều mã sai nên tạm dừng nhận mã. {again} Nếu cần ngay, anh/chị hỏi văn phòng."


def listed(units: Sequence[str]) -> str:
    """ "Sở Nội vụ, Sở Tư pháp", and how many more where there are many."""
    names = list(dict.fromkeys(units))
    shown = ", ".join(names[:_MOST_UNITS])
    more = len(names) - _MOST_UNITS
    return f"{shown} và {more} đơn vị khác" if more > 0 else shown or "đơn vị"
