"""Who is asking, and may they: roles and permissions, accounts, tokens, the guard on every door.

roles.py      the table of roles, permissions and posts one person may not hold together
principal.py  who is asking, as every room sees it
guards.py     requires(...) and public(...): the only two ways to hang a door
store.py      account, link and sign-in rows
accounts.py   use cases of an account: create, link, password, role, reset, disable, sign
sign_ins.py   use cases of a sign-in: start, refresh, end, tickets, revocation
tokens.py     JWTs: issue and read
passkeys.py   passkeys: register, sign in, list, remove (passkey_site, _checks, _store beside it)
passkey_losses.py  a lost device: who vouches, who signs as well, the link
challenges.py questions to a device: one use, five minutes, one person and act
limits.py     how often a password may be tried
errors.py     refusals
routes.py     HTTP in and out
"""
