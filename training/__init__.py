"""From features to a model bundle: select, fit, choose the threshold, measure."""

import os

# Before LightGBM loads OpenMP: threads that spin while they wait train ten times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
