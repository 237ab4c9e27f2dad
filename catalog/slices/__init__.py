"""Slices: a typed filter, the SQL it means, and what can be asked of the result."""

from catalog.slices.filter import Filter as Filter
from catalog.slices.query import Query as Query
from catalog.slices.query import build as build
