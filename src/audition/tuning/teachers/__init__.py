"""What other networks say of the rows, and what is added to the loss for it."""
