"""The recommendation: what it learns from, the file it leaves, and how it does on targets it has not learned from."""
