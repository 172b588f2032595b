"""Static vectors of sub-words: a text is the mean of its pieces' vectors."""
