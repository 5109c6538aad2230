"""Questions that a page asks: many runs, or many attempts, at one look."""

from .changes import Marks, Stamp
from .groups import GroupsAsked
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
    GroupPage,
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
    RunGroup,
    Spread,
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
    "GroupPage",
    "GroupsAsked",
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
    "RunGroup",
    "Spread",
    "Stamp",
    "SubQueryPage",
    "rows_of",
]
