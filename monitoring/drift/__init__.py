"""Whether the decisions of now look like those the model was made for."""
