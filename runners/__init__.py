"""What executes a model, and the folder a model travels in."""
