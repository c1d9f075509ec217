"""What every room stands on and nobody's business rule.

Errors, ids, time, hashing, database, keys, accounts, ledger, notices, rule book.
"""
