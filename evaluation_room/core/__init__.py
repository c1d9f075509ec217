"""Pure: what a room is, what may happen in it and what each viewer may see."""
