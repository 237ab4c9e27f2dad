"""The workloads that are asked as questions, in the order of the results."""

from __future__ import annotations

from benchmarks.workload import Workload
from benchmarks.workloads import exports, facets, lookups, slices, views

ALL: dict[str, Workload] = {
    workload.key: workload for module in (facets, slices, lookups, views, exports) for workload in module.WORKLOADS
}
