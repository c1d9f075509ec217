"""The recording: every track to disk, encrypted and bound to the log (media/SPEC.md section 4).

segment.py    the file's bytes: sealed in chunks, opened up to the last whole one
track.py      takes packets on the event loop and does nothing else there
writer.py     makes segments of them, on the one thread that writes
disk.py       holds the tracks and the threads; notary.py brings the facts into the ledger
recovery.py   what a killed server left: cut to whole chunks, hashed, recorded
openings.py   two supervisors open a recording for a case
rtp.py, vp8.py, frames.py, webm.py   from packets to a file that any player plays
clip.py       a stretch for the replay page; export.py everything, to a folder
verify.py     the files against the log
"""
