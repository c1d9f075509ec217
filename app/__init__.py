"""The only place that knows every room: builds the application, wires services, serves it.

main.py       create_app(): a list of parts, no logic
wiring.py     which service gets which store, clock and key; House holds them all
replies.py    refusal -> HTTP status and body, one table
doors.py      refuses to start with an unguarded door; prints guards into OpenAPI
shield.py     headers, cross-site guard, body limits
record.py     request ids and JSON log lines that hold no names
etag.py       lets polling pages hear "nothing new"
meta.py       what the page asks first; pages.py: the built page
jobs.py       timers that only wake
demo/         the demonstration stamp, its accounts, expert seats that play themselves
contract.py   the web's contract: OpenAPI and room events
cli.py        the command line; cli_*.py one room each
tls.py        a certificate for trying things out on this machine
locales/      every refusal in words, both languages
"""
