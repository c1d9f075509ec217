"""VP8 in RTP (RFC 7741): the payload descriptor, keyframes, the size of a picture."""

from typing import Final

START_CODE: Final = b"\x9d\x01\x2a"


def descriptor_size(payload: bytes) -> int | None:
    """Bytes of the payload descriptor; None where the payload is cut within it."""
    if not payload:
        return None
    size = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return None
        flags, size = payload[1], 2
        if flags & 0x80:
            if len(payload) <= size:
                return None
            size += 2 if payload[size] & 0x80 else 1
        size += bool(flags & 0x40) + bool(flags & 0x30)
    return size if size <= len(payload) else None


def begins_frame(payload: bytes) -> bool:
    """Whether it is the start of partition 0."""
    return bool(payload) and payload[0] & 0x10 != 0 and payload[0] & 0x07 == 0


def begins_keyframe(payload: bytes) -> bool:
    """Whether an RTP payload is the beginning of a keyframe."""
    size = descriptor_size(payload) if begins_frame(payload) else None
    return size is not None and size < len(payload) and payload[size] & 1 == 0


def picture_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height that a keyframe gives; None where it is none."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != START_CODE:
        return None
    width = int.from_bytes(frame[6:8], "little") & 0x3FFF
    height = int.from_bytes(frame[8:10], "little") & 0x3FFF
    return (width, height) if width and height else None
