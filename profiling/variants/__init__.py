"""The product with one part replaced, to see what that part costs or gives. Measured, never served."""
