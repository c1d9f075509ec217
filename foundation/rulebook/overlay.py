"""The local parameter set: windows, limits and sizes, versioned and stamped into each draw.

A file in `overlays/` holds every value; there are no defaults here, so a forgotten value
stops the start and not a draw. Durations carry their unit in the name.
"""

import tomllib
from dataclasses import dataclass, fields
from hashlib import sha256
from importlib import resources
from typing import Any, Final, get_origin

from foundation.errors import Kind, ServiceError


class OverlayUnusable(ServiceError):
    """No overlay of this name, or a value is missing, unknown or of the wrong type."""

    code = "rulebook.overlay_unusable"
    kind = Kind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Overlay:
    """Values of one overlay; `hash` is the SHA-256 of its file, 64 hex characters."""

    name: str
    version: str
    hash: str
    demonstration: bool
    quarantine_days: int
    cooldown_days: int
    cool_seconds: int
    hat_min: int
    org_cap: int
    reveal_seconds: int
    deadline_seconds: int
    publish_seconds: int
    margin_seconds: int
    beacon_seconds: int
    max_steps_factor: int
    max_steps_least: int
    freeze_lead_seconds: int
    reply_seconds: int
    window_least_seconds: int
    window_most_seconds: int
    evaluation_seconds: int
    check_in_lead_seconds: int
    absent_seconds: int
    deemed_consent_seconds: int
    undertaking_reading_seconds: int
    pool_factor: int
    pool_plus: int
    unsealed_allowed: bool
    answer_days: int
    confirm_days: int
    appeal_days: int
    exit_release_days: int
    conditions_days: int
    change_watch_hours: int
    profile_days: int
    profile_remind_days: int
    training_days: int
    age_most: int
    gp_age_most: int
    years_least: int
    second_level_most: int
    third_level_most: int
    rating_days: int
    rating_scheme: str
    publish_kinds: tuple[str, ...]
    media_mask: str
    watching_shown: bool
    dark_seconds: int
    presence_checks_an_hour: int
    presence_answer_seconds: int
    demands: tuple[str, ...]

    def pool_least(self, seats: int) -> int:
        """Fewest candidates from whom `seats` may be drawn (R-POOL-3)."""
        return max(self.pool_factor * seats, seats + self.pool_plus, self.hat_min * seats)

    def max_steps(self, seats: int) -> int:
        """Supplementary steps that holders' chains must serve for `seats` open seats."""
        return max(self.max_steps_factor * seats, self.max_steps_least)


MASKS: Final = frozenset({"none", "pixelated", "silhouette"})
"""What members may see of each other (R-AV-2)."""


def load_overlay(name: str) -> Overlay:
    """The overlay called `name`.

    Raises:
        OverlayUnusable: no such file, or its values are not exactly those of `Overlay`.
    """
    file = resources.files("foundation.rulebook") / "overlays" / f"{name}.toml"
    if not name.isidentifier() or not file.is_file():
        raise OverlayUnusable(overlay=name, why="missing")
    data = file.read_bytes()
    return read_overlay(name, data)


def read_overlay(name: str, data: bytes) -> Overlay:
    """The overlay in the bytes of a file; refusals as `load_overlay`."""
    try:
        read = tomllib.loads(data.decode())
    except ValueError as bad:
        raise OverlayUnusable(overlay=name, why="form") from bad
    values: dict[str, Any] = {
        key: tuple(map(str, value)) if isinstance(value, list) else value
        for key, value in read.items()
    }
    wanted = {field.name: get_origin(field.type) or field.type for field in fields(Overlay)}
    for known in ("name", "hash"):
        del wanted[known]
    if set(values) != set(wanted):
        odd = sorted(set(values) ^ set(wanted))[0]
        raise OverlayUnusable(overlay=name, why=odd)
    for key, kind in wanted.items():
        if type(values[key]) is not kind:
            raise OverlayUnusable(overlay=name, why=key)
    if values["media_mask"] not in MASKS:
        raise OverlayUnusable(overlay=name, why="media_mask")
    return Overlay(name=name, hash=sha256(data).hexdigest(), **values)
