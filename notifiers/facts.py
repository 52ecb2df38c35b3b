"""The names of the short values that a template message can be made of. All values are text."""

RECIPIENT = "don_vi"  # the units spoken to: "Phòng Nội vụ"
COUNT = "so_viec"  # how many tasks the message is about: "5"
OVERDUE = "qua_han"  # how many of them are overdue: "2"
NEAREST = "han_gan_nhat"  # the nearest due day ahead, or the last one missed: "20/06/2023"; "-" for none
DAY = "ngay"  # the day of the message: "12/06/2023"
CODE = "ma"  # a short code for asking back by telephone: "K7PQ-3M"
LINK = "lien_ket"  # the token of the link, for the address of a button

NAMES = (RECIPIENT, COUNT, OVERDUE, NEAREST, DAY, CODE, LINK)
