"""From Bento to registry to running container, and the proof that it holds."""
