"""From features to a model bundle: select, fit, choose the threshold, measure."""
