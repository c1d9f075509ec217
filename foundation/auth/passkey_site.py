"""Which site a passkey is for, from the settings or from how this service was reached."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from foundation.auth.passkey_errors import NoSite


@dataclass(frozen=True, slots=True)
class Site:
    """`origin` as a browser spells it, `rp_id` the host name that devices bind keys to."""

    origin: str
    rp_id: str


def site_of(public_origin: str, scheme: str, host: str) -> Site:
    """The site that devices must have answered for.

    Args:
        public_origin: as in the settings; it wins, whatever a proxy or a stranger says.
        scheme, host: how this request came, host with its port.

    Raises:
        NoSite: neither TLS nor this very machine by its name, or a number instead of a name.
    """
    origin = public_origin.rstrip("/") or f"{scheme}://{host}"
    parts = urlsplit(origin)
    name = parts.hostname or ""
    at_home = name == "localhost" or name.endswith(".localhost")
    if not name or _is_number(name) or not (parts.scheme == "https" or at_home):
        raise NoSite
    return Site(origin, name)


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
