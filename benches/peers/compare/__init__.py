"""Runs Gradus and its peers in turn and puts what they say side by side."""
