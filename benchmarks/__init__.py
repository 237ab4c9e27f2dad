"""Workloads beside their floors, measured as whole processes; ``python -m benchmarks`` runs them all."""
