"""Boxes, masks and the properties of regions. Everything is in pixels of the image as a viewer sees it, half-open."""
