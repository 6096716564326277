"""Other ways to serve the same model, as they are usually written. None of them records anything.

Each reads the model from the bundle in its working directory and answers `POST /predict`.
"""
