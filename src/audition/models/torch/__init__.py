"""Any torch module as a model: what is shared by all networks that run on torch."""
