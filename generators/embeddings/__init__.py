"""Vectors of images, regions and texts."""
