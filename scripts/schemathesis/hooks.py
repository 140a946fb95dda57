"""What no schema can say about valid queries, told to schemathesis.

Each rule here is a 400 of the service that depends on more than one parameter, or on a value that only the service can
make. Everything else is left to the description: see /openapi.json.
"""

import datetime
import re

import schemathesis

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(bound, now):
    """The moment that `since` or `until` means, in seconds since 1970."""
    if match := re.fullmatch(r"([0-9]+)([smhd])", bound):
        return now - int(match[1]) * UNITS[match[2]]
    text = bound.replace("Z", "+00:00").replace(" ", "+")
    text = re.sub(r"\.([0-9]+)", lambda match: "." + match[1][:6].ljust(6, "0"), text)
    return datetime.datetime.fromisoformat(text).timestamp()


BUCKETS = {"1m": 60, "5m": 300, "1h": 3600, "1d": 86400}


def texts(query, *names):
    """All values of some parameters, each of which may be a list."""
    for name in names:
        value = query.get(name, [])
        yield from value if isinstance(value, list) else [value]


def drop(query, *names):
    for name in names:
        query.pop(name, None)


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is not None and not case.meta.generation.mode.is_positive:
        return
    query = dict(case.query or {})
    path = case.operation.path
    # Only the service makes tokens.
    drop(query, "continue")
    # It stands alone.
    if len(query) > 1:
        drop(query, "perCluster")
    # What the path says already may not be contradicted.
    if path.startswith("/events/") and ("{kind}" in path or "{resource}" in path):
        drop(query, "kind", "name")
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    # Nothing lies between a moment and an earlier one.
    if "until" in query and seconds(query.get("since", "9999d"), now) >= seconds(query["until"], now):
        drop(query, "until")
    # Lengths are counted in bytes, and those of all filters together.
    filters = ("type", "reason", "kind", "component", "name", "q", "namespace")
    lengths = [len(str(text).encode()) for text in texts(query, *filters)]
    if sum(lengths) > 1024 or max(lengths, default=0) > 256 or len(lengths) > 32:
        drop(query, *filters)
    # Buckets times series are bounded.
    if path.startswith("/stats"):
        until = seconds(query["until"], now) if "until" in query else now
        since = seconds(query["since"], now) if "since" in query else until
        if since >= until:
            drop(query, "since", "until")
        points = (until - since) / BUCKETS[query.get("bucket", "1h")] * (int(query.get("top", 10)) + 1)
        if points > 45_000:
            drop(query, "since", "until")
    case.query = query
