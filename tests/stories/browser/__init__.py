"""People of the story at their pages: each in a browser of their own, acting as people act.

desk.py        a person's browser: sign in, type the word of an act, take a picture
words.py       what the screen says, from the page's own files
applicant.py   files a draw and watches it
holder.py      makes a holder's file, releases shares
office.py      clerk, administrator, supervisor
expert.py      inbox and the seat in the room
outsider.py    whoever checks the bundle
sheets.py      what the members give
sums.py        the ranking again, from what was typed
wire.py        a cable that can be cut
leaks.py       files of a moment, searched afterwards
"""
