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


@schemathesis.hook
def map_case(context, case):
    query = dict(case.query or {})
    if not query:
        return case
    positive = case.meta is None or case.meta.generation.mode.is_positive
    if not positive:
        return case
    # Only the service makes tokens.
    query.pop("continue", None)
    # It stands alone.
    if len(query) > 1:
        query.pop("perCluster", None)
    # What the path says already may not be contradicted.
    if "{kind}" in case.path or "{resource}" in case.path:
        query.pop("kind", None)
        query.pop("name", None)
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    # Nothing lies between a moment and an earlier one.
    try:
        if "since" in query and "until" in query and seconds(query["since"], now) >= seconds(query["until"], now):
            query.pop("until")
    except (TypeError, ValueError, OverflowError):
        pass
    case.query = query
    return case
