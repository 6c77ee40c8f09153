"""What schemathesis needs to know to ask as a program would. Loaded by tools/schemathesis.toml."""

import json
import uuid
from datetime import date, datetime, timezone

import schemathesis
from hypothesis import strategies as st

# Years that a clock of an incident may show: 1970 to 2200 are taken.
BEGIN, END = datetime(1970, 1, 1), datetime(2199, 12, 31)
moments = st.datetimes(min_value=BEGIN, max_value=END, timezones=st.just(timezone.utc))
schemathesis.openapi.format("date-time", moments.map(lambda at: at.isoformat().replace("+00:00", "Z")))
schemathesis.openapi.format("date", st.dates(min_value=BEGIN.date(), max_value=END.date()).map(date.isoformat))


@schemathesis.serializer("application/x-ndjson")
def lines(ctx, value):
    """One JSON object a line; a generated body is one object."""
    return {"data": (json.dumps(value) + "\n").encode()}


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """A key is for one request, and a cursor is what a list gave out: neither can be made up. What is
    meant to be refused is left as it is."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    for name in ("cursor", "after"):
        if case.query and name in case.query:
            del case.query[name]
