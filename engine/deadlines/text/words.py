"""The words of the grammar: phrases that open, join and close the parts of a time cell."""

from __future__ import annotations

from collections.abc import Iterable


class Phrases:
    """Fixed phrases, written "one | the other", found by their first syllable, the longest first."""

    __slots__ = ("by_first",)

    def __init__(self, phrases: str) -> None:
        grouped: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases.split("|"):
            syllables = tuple(phrase.split())
            grouped.setdefault(syllables[0], []).append(syllables)
        self.by_first = {
            first: tuple(sorted(group, key=len, reverse=True)) for first, group in grouped.items()
        }

    def syllables(self) -> Iterable[str]:
        """Every syllable of every phrase."""
        return (syllable for group in self.by_first.values() for phrase in group for syllable in phrase)


# --- what binds a period
BEFORE = Phrases("trước | xong trước | kết thúc trước | trước thời điểm")
BY = Phrases(
    """
    chậm nhất | muộn nhất | trễ nhất | không quá | không muộn hơn | không chậm hơn | không trễ hơn | hạn
    | hạn cuối | hạn cuối cùng | hạn chót | thời hạn | thời hạn cuối | thời hạn cuối cùng
    | thời hạn hoàn thành | hạn hoàn thành | thời hạn chậm nhất | đến | tới | cho đến | cho tới | hết
    | kết thúc | đến thời điểm | thời hạn báo cáo | thời hạn gửi | hạn nộp | hạn gửi | hạn báo cáo
    | vào cuối ngày | cuối ngày
    """
)
NEUTRAL = Phrases(
    """
    là | vào | trong | ngay trong | vào ngay | trong khoảng | khoảng thời gian | trong thời gian
    | trong khoảng thời gian | vào lúc | lúc | trong cả | trong vòng | vào thời điểm | vào dịp | dịp
    | nhân dịp | ngay | trong các | vào các | các | sáng | chiều | tối | buổi sáng | buổi chiều | và trong
    """
)
ROUGHLY = Phrases("khoảng | dự kiến | vào khoảng | dự kiến vào | dự kiến trong | tầm")
FROM = Phrases("tuần từ | từ | kể từ | bắt đầu từ | tính từ | bắt đầu | ngay từ")
ONWARD = Phrases("trở đi | trở về sau")
AND_ALL = Phrases("và các | và những")
REMAINING = Phrases("tiếp theo | sau | còn lại | kế tiếp | sau đó")
THE_ISSUE = Phrases(
    """
    nay | giờ | bây giờ | thời điểm ban hành | thời điểm ký | thời điểm ban hành kế hoạch
    | ngày ký | ngày ban hành | ngày ký ban hành | khi ban hành | khi ký ban hành
    | ngày kế hoạch được ban hành | khi kế hoạch được ban hành | ngày ban hành kế hoạch
    | ngày kế hoạch có hiệu lực | ngày ký ban hành kế hoạch | khi ban hành kế hoạch | ngày ký kế hoạch
    """
)
LIST_JOINTS = Phrases("và | và đến | cùng với")
RANGE_JOINTS = Phrases("đến | tới | cho đến | cho tới | đến hết | tới hết | cho đến hết | sang")

# --- what comes again
EACH = Phrases("hàng | mỗi | từng | các | một")
AGAIN = Phrases("định kỳ | định kỳ báo cáo | theo định kỳ | báo cáo định kỳ | định kỳ theo | theo")
PERIODIC = Phrases("định kỳ | định kỳ báo cáo | báo cáo định kỳ | theo định kỳ | định kỳ theo")
AT_LEAST = Phrases("ít nhất | tối thiểu | tối đa | không dưới | không quá | không ít hơn | trung bình")
COUNTED = frozenset("lần buổi ngày cuộc đợt tin bài lượt phiên kỳ chuyên".split())
FOLLOWING = Phrases(
    """
    sau | tiếp theo | kế tiếp | liền kề | sau liền kề | liền sau | tiếp sau | kế sau | liền kề sau
    | kế tiếp sau | sau đó | sau kỳ báo cáo | tiếp
    """
)
OF_THE_REPORT = Phrases("báo cáo | đó | này | hiện tại | của kỳ báo cáo | kỳ báo cáo | trong kỳ")

# --- what is not on the calendar
STEADY = Phrases(
    """
    thường xuyên | liên tục | lâu dài | xuyên suốt | quanh năm | tiếp tục thực hiện thường xuyên
    | tiếp tục duy trì | tiếp tục thực hiện | duy trì | tiếp tục | thường kỳ | thường ngày
    """
)
THROUGHOUT = Phrases("suốt | trong suốt | trong suốt cả | suốt cả | xuyên suốt | xuyên suốt cả | trong toàn")
MANNER = Phrases("kịp thời | đúng quy định | nghiêm túc | đầy đủ | hiệu quả | đảm bảo tiến độ")
WHEN_CALLED = Phrases("đột xuất | bất thường")
PROMPTLY = Phrases("kịp thời | nhanh chóng | khẩn trương")
AT_ONCE = Phrases("ngay | ngay lập tức | lập tức | tức thì | khẩn | hỏa tốc")
WHEN = Phrases(
    """
    khi | mỗi khi | nếu | trong trường hợp | trường hợp | ngay khi | ngay sau khi | sau khi | trước khi
    | kể từ khi | từ khi | ngay sau | sau | trước | khi nào | trong khi | ngay trước khi | ngay trước
    """
)
# These words belong to the trigger themselves; of the second row all but "theo".
DEPENDING = Phrases("tùy | tùy theo | căn cứ | theo tình hình | theo thực tế | theo từng")
ON_REQUEST = Phrases("theo yêu cầu | theo đề nghị | theo phát sinh | phát sinh | có phát sinh | có yêu cầu")
OCCASIONS = Phrases(
    """
    kỳ họp | hội nghị | đại hội | tết | lễ | mùa | năm học | cuộc họp | phiên họp | khai giảng | bầu cử
    | kỳ thi | cuộc thi | buổi | đợt | ngày bầu cử | ngày khai | ngày hội | ngày tổ chức | ngày diễn ra
    | ngày họp | ngày lễ | ngày tết | thời điểm | giao ban | hội thi | chương trình | ngày nhận | ngày ký
    | ngày ban | ngày có | ngày kết | ngày được | ngày hoàn | ngày xảy | ngày phát | ngày công | ngày thành
    | ngày quyết | ngày kế | ngày làm | ngày bế | ngày phê | ngày gửi | ngày tiếp | ngày kiểm | ngày đại
    | ngày trung | ngày thông | khi | việc | kết luận | quyết định | kế hoạch | nghị quyết | thanh tra
    | kiểm tra | bão | mưa | dịp | các kỳ họp | các kỳ | các cuộc | ngày giải | ngày quốc | ngày thực
    | hoạt động | đoàn | sự kiện | lũ | thiên tai | thời gian | ngày thi | ngày văn | ngày toàn
    """
)
ANCHORS = Phrases(
    """
    kể từ | tính từ | từ | sau | trước | so với | kể từ sau | tính kể từ | ngay sau | tính đến
    | kể từ thời điểm | sau thời điểm | tính từ thời điểm | bắt đầu từ
    """
)
WITHIN = Phrases(
    """
    trong | trong vòng | trong thời hạn | trong thời gian | thời hạn | chậm nhất | chậm nhất là
    | chậm nhất trong | chậm nhất sau | chậm nhất là sau | chậm nhất trong vòng | không quá | tối đa | sau
    | trước | muộn nhất | muộn nhất là | muộn nhất sau | thời gian | trong khoảng | ngay trong
    | trong thời hạn tối đa | trong thời hạn không quá | trong thời gian không quá | chậm nhất không quá
    | không quá thời hạn | chậm nhất trước | trước ít nhất | ít nhất | tối thiểu | trước thời hạn
    | sau thời hạn | trong vòng không quá | trong vòng tối đa | chậm nhất là trong vòng | thời hạn là
    | thời hạn không quá | chậm nhất là trong | sau thời gian | đúng
    """
)

# Words that open a part of a cell without saying when.
LEAD = Phrases(
    """
    hoàn thành | hoàn thành xong | xong | thực hiện | thời gian | thời gian thực hiện | thời gian hoàn thành
    | bắt đầu | kết thúc | tổ chức | triển khai | triển khai thực hiện | tổ chức thực hiện | phấn đấu
    | phấn đấu hoàn thành | cơ bản hoàn thành | báo cáo | được thực hiện | việc | mốc thời gian | đảm bảo
    | bảo đảm | yêu cầu hoàn thành | phải hoàn thành | cần hoàn thành | thời điểm | lần đầu | đồng thời
    | thời gian báo cáo | tiến độ | tiến độ hoàn thành | tiến độ thực hiện | ban hành | gửi báo cáo
    | duy trì | thời gian dự kiến | thời hạn thực hiện | thời hạn | thời hạn hoàn thành | cụ thể | riêng
    | trong đó
    """
)

# First syllables of a clause that says what is done, by whom or where, not when.
PROSE = frozenset(
    """
    chịu báo gửi hoàn xây ban triển tổ trình nộp tổng thực rà phát tham phối tiến cập công kiểm đánh khảo
    chuẩn lập đề phê thẩm tuyên tập sơ niêm đăng rút chấm bổ sửa thống hướng đôn giao họp khai bàn nghiệm thu
    thanh quyết ký kết tiếp xử giải lựa thành nhập số chuyển hội đào bồi giám mua lắp vận khắc xét trả cấp
    thông yêu chỉ lấy quán chủ đối cho về tại qua để nhằm với các ubnd hđnd ủy phòng sở đơn cơ văn cán chức
    trường trung xã huyện tỉnh thôn toàn mỗi đảng mttq đoàn liên lãnh người trưởng bộ phận kế việc nội danh
    hỗ tăng nâng đưa ghi lưu dự góp tích giai dành áp phân hồ bằng bao gồm trên cùng riêng lồng tính
    từng tối ít nếu phấn quản truyền phản
    """.split()
)

# Where the free words of a clause end because another part of the cell begins.
NEW_ANYWHERE = Phrases(
    """
    chậm nhất | muộn nhất | hoàn thành trước | hoàn thành trong | hoàn thành vào | hoàn thành chậm nhất
    | trong thời hạn | trong vòng
    """
)
NEW_AFTER_A_JOINT = Phrases(
    """
    khi | nếu | đột xuất | bất thường | thường xuyên | liên tục | chậm nhất | muộn nhất | trước khi
    | hoàn thành | sau khi | ngay khi | ngay sau | theo kế hoạch | theo quy | theo chỉ | theo hướng
    | theo lịch | theo yêu cầu | theo kh | kịp thời | định kỳ | hàng ngày | hàng tuần | hàng tháng
    | hàng quý | hàng năm | mỗi tuần | mỗi tháng | mỗi quý | mỗi năm | ít nhất | tối thiểu | trong vòng
    | trong thời hạn | trong tháng | trong quý | trong năm
    """
)
# First syllables of what documents are called.
DOCUMENT_NOUNS = frozenset(
    "kế quyết công thông nghị văn chỉ tờ luật kh qđ cv tb đề chương báo điều hướng".split()
)

# Words that label a part with a number: "Đợt 1".
LABELS = frozenset("đợt lần bước vòng kỳ mốc".split())
ORDINALS = {
    "nhất": 1,
    "đầu": 1,
    "hai": 2,
    "nhì": 2,
    "ba": 3,
    "tư": 4,
    "bốn": 4,
    "năm": 5,
}
DIGITS = {
    "một": 1,
    "mốt": 1,
    "hai": 2,
    "ba": 3,
    "bốn": 4,
    "tư": 4,
    "năm": 5,
    "lăm": 5,
    "nhăm": 5,
    "sáu": 6,
    "bảy": 7,
    "tám": 8,
    "chín": 9,
}
ROMAN = {
    "i": 1,
    "l": 1,
    "ii": 2,
    "il": 2,
    "ll": 2,
    "li": 2,
    "iii": 3,
    "iil": 3,
    "lll": 3,
    "iv": 4,
    "lv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}
_EXTRA = frozenset(
    """
    ngày tháng quý năm tuần giờ đầu giữa cuối nửa thứ chủ nhật cn t q cả học kỳ lần số giai đoạn nhiệm của
    trong hàng mười mươi linh lẻ mùng mồng làm việc cùng nay này sau tới tiên theo khi và hoặc hay đến hết
    các còn lại tiếp không có nêu tại so với quy định chế độ lịch kế hoạch ban hành được phê duyệt thông qua
    hiệu lực quyết công chỉ thị báo cáo nghị thư văn bản tư luật điều tờ chương trình đề án thời hạn cho kh
    bc qđ tb cv nq bước vòng mốc phút viết mục bài lúc đó gian
    """.split()
)
_TABLES = (
    AND_ALL,
    REMAINING,
    BEFORE,
    BY,
    NEUTRAL,
    ROUGHLY,
    FROM,
    ONWARD,
    THE_ISSUE,
    LIST_JOINTS,
    RANGE_JOINTS,
    EACH,
    AGAIN,
    AT_LEAST,
    FOLLOWING,
    OF_THE_REPORT,
    STEADY,
    THROUGHOUT,
    MANNER,
    WHEN_CALLED,
    PROMPTLY,
    AT_ONCE,
    WHEN,
    DEPENDING,
    ON_REQUEST,
    OCCASIONS,
    ANCHORS,
    WITHIN,
    LEAD,
)
SYLLABLES = frozenset(
    {
        *(syllable for table in _TABLES for syllable in table.syllables()),
        *COUNTED,
        *PROSE,
        *LABELS,
        *ORDINALS,
        *DIGITS,
        *_EXTRA,
    }
)
