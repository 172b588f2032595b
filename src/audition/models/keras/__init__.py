"""Networks of Keras, with whatever backend computes."""
