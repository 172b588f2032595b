"""What the measures say of every tuned network, how that agrees with the truth, and the page that shows it."""
