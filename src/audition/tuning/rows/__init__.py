"""What is learned: rows and their parts, views of pictures, targets and what they mean."""
