"""The demonstration: a stamp in the database, accounts behind one click, seats that play.

stamp.py      says for good whether a folder is a demonstration; read before anything starts
accounts.py   the demonstration's accounts and the n-th invited generated expert
pool.py       generated experts at first start
routes.py     one-click sign-in, only under the stamp
holders.py    two share holders' programs beside `serve --demo`
play.py       plays the expert seats through the public interface
"""
