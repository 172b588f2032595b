"""What comes out: a tuned model, its scores, its folder, its exports."""
