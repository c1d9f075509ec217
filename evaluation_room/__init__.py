"""One evaluation across host and remote venues, from check-in to the signed report.

PROTOCOL.md   the websocket protocol, byte by byte where bytes matter
core/         pure: facts, commands, the phase table, scoring, views, the report
envelope.py   sealed sheets: AES-256-GCM under a key sealed to the room's opening key
service.py    use cases; store.py rows and files; hub.py who listens
gateway.py    the websocket; routes.py HTTP; messages.py and schemas.py their shapes
media/        sound and picture: SPEC.md, forwarding; media_messages.py its frames
archive/      recordings: segments on disk, their facts, opening, export, verification
report_pdf.py the evaluation report as PDF/A, rendered from the fold
"""
