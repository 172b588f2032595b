"""What a run costs as rows, classes, columns, candidates and machines grow, and what racing saves."""
