"""
The edges: decode, call one use case, encode.

One file per Lambda, plus one per group of routes. A deployed worker imports
its own file and never `app.py`; the API Lambda imports all of them, so their
top level stays light.
"""

from chalicelib.entrypoints import (
    ack_link,
    api,
    api_customers,
    casework,
    causes,
    console,
    deliver,
    forward,
    incident_watch,
    incidents,
    listen,
    report,
    sla_watch,
    triage,
    webhooks,
)

ROUTES = (webhooks.bp, api.bp, api_customers.bp, incidents.bp, causes.bp, console.bp, ack_link.bp)
WORKERS = (triage.bp, casework.bp, sla_watch.bp, incident_watch.bp, listen.bp, deliver.bp, forward.bp, report.bp)
ALL = (*ROUTES, *WORKERS)
