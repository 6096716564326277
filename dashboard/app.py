"""What `streamlit run` runs; `python -m dashboard serve` says how."""

from dashboard.front import draw

draw()
