"""The 21 checks of a published draw, in the files and the order of SPEC.md section 9.

case.py        what the checks share: the bundle, read once, and what earlier checks found
form.py        1-3    bundle.form, policy.pinned, manifest.form
log.py         4-9    checkpoint.signed … snapshot.age
opening.py     10-14  tip.signed … beacon.signed
result.py      15-18  opening.included … step.next_feasible
standing.py    19-21  assurance.met, member.named, log.complete
"""
