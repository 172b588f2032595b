"""A race: all candidates on a part of the rows, then more rows for those that may still come first."""
