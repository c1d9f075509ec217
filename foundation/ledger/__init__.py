"""The public log: `tree` proves, `note` signs, and the book beside them records and serves."""
