"""Questions that a page asks: many runs, or many attempts, at one look."""

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
    MetricTrend,
    Overview,
    ProviderAttempt,
    ProviderItem,
    ProviderPage,
    ProviderWhole,
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
    "MetricTrend",
    "Overview",
    "ProviderAttempt",
    "ProviderItem",
    "ProviderPage",
    "ProviderWhole",
    "Questions",
    "SubQueryPage",
    "rows_of",
]
