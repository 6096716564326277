"""How the drift report is tried: drift made on purpose, and clients without any."""
