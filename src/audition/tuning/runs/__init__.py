"""One run: steps and looks, the rate, the state that a checkpoint keeps."""
