"""Sound and picture of a room: forwarded without decoding, recorded as they came.

SPEC.md       who sees whom, the signalling, the forwarding rules, the recording's bytes
engine.py     the interface: join, publish, subscribe, keyframe, record, stats, drain
hooks.py      the only file that touches what aiortc and aioice do not publish
"""
