"""What is tuned: a body cut out of a model, a head on top, and how both are built again."""
