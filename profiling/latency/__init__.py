"""How fast the same trees answer, by every engine that can walk them."""
