"""Pixels: from a row of ``images`` to what a person can see. Arrays are in the viewer's frame."""
