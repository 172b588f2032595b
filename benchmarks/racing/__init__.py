"""How often a race over many networks and layers ends as the full ranking does, and at which share of its work."""
