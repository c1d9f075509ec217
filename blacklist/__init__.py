"""May this expert serve today, and why not?

    core/grounds.py    the closed lists: kinds of measure, grounds, who may end one and why
    core/standing.py   the machine of a standing (任职状态), and the fold of the stream
    store.py           rows, which are projections of the stream `standing`
    service.py         record, lift, ask to leave, decide; `standings` for a draw
    core/mask.py       the same answer for a whole pool, as one array
    schemas.py, routes.py   wire shapes and doors
    list_*.py          outside lists, the cross-check, and what people say of its matches
    rating_*.py        rating after an evaluation, accounts of points; tables in schemes/

Nothing is ever deleted: a measure ends on its day or is lifted, an exit is decided, and
what was written stays (R-PRIN-6).
"""
