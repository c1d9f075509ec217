"""What decoders that are not ours say against an exported file."""

import av
import av.logging


def complaints(file: object) -> list[str]:
    """Decode every frame with FFmpeg's decoders; what they log as an error, [] when all is well.

    Args:
        file: a path, or bytes in a file object.

    Raises:
        av.error.FFmpegError: a frame does not decode at all.
    """
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=True) as said, av.open(file, "r") as container:
            for _ in container.decode(*container.streams):
                pass
    finally:
        av.logging.set_level(before)
    return [f"{name}: {message.strip()}" for level, name, message in said]
