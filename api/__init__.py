"""How Octroi speaks HTTP."""
