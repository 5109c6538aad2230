"""Questions that a page asks: many runs, or many attempts, at one look."""

from .changes import Marks, Stamp
from .parts import Asked, rows_of
from .questions import Questions
from .values import (
    AttemptPage,
    Bucket,
    ErrorCount,
    ExperimentItem,
    Facet,
    FacetValue,
    FailureCount,
    Hours,
    Latency,
    MetricCurve,
    MetricTrend,
    Overview,
    ProviderAttempt,
    ProviderItem,
    ProviderPage,
    ProviderWhole,
    RunCurves,
    SubQueryPage,
)

__all__ = [
    "Asked",
    "AttemptPage",
    "Bucket",
    "ErrorCount",
    "ExperimentItem",
    "Facet",
    "FacetValue",
    "FailureCount",
    "Hours",
    "Latency",
    "Marks",
    "MetricCurve",
    "MetricTrend",
    "Overview",
    "ProviderAttempt",
    "ProviderItem",
    "ProviderPage",
    "ProviderWhole",
    "Questions",
    "RunCurves",
    "Stamp",
    "SubQueryPage",
    "rows_of",
]
