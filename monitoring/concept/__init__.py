"""Whether what the model says still comes true."""
