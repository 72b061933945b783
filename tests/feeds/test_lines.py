from collections.abc import Iterator

from risk_service.feeds.lines import MAX_LINE, read_lines
from risk_service.feeds.unpack import CutShort


def test_a_byte_order_mark_and_either_line_end_are_taken_off() -> None:
    found = list(read_lines([b"\xef\xbb\xbfone\r\ntwo\n\nfo", b"ur"]))
    assert [(line.number, line.text, line.fault) for line in found] == [
        (1, "one", None), (2, "two", None), (3, "", None), (4, "four", None),
    ]  # fmt: skip


def test_letters_may_lie_across_two_pieces() -> None:
    raw = "переговоры\nв Женеве".encode()
    assert [line.text for line in read_lines(raw[i : i + 1] for i in range(len(raw)))] == [
        "переговоры",
        "в Женеве",
    ]


def test_another_encoding_is_marked_and_not_guessed() -> None:
    first, second, third = read_lines([b"one\n", "Москва\n".encode("cp1251"), b"three"])
    assert second.fault == "not UTF-8 at byte 1 of the line"
    assert second.text.startswith("\\xcc")
    assert (first.fault, third.fault) == (None, None)


def test_an_endless_line_is_cut_and_marked_and_the_next_is_read() -> None:
    pieces = [b"a" * 200_000] * 30 + [b"\nnext\n"]
    endless, following = read_lines(pieces)
    assert endless.fault is not None and "longer than" in endless.fault
    assert len(endless.text) < 2 * MAX_LINE
    assert following == (2, "next", None)


def test_where_the_content_is_cut_short_the_last_line_says_so() -> None:
    def cut(last: bytes) -> Iterator[bytes]:
        yield b"one\n" + last
        raise CutShort("ends too early")

    assert [line.fault for line in read_lines(cut(b"tw"))] == [None, "ends too early"]
    assert [line.fault for line in read_lines(cut(b""))] == [None, "ends too early"]
