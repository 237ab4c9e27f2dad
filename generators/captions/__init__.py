"""Short texts from what the catalog knows."""
