"""Records in the field names and formats of the platform data specification (R-E-3)."""
