"""`auto`: candidates against each other in rounds."""
