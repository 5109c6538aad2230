"""What to do next (plan: pure, no clock, no I/O), and doing it (drive)."""

from .citations import Cite, cited
from .desk import Desk, Holds
from .drive import drive
from .plan import Plan
from .program import Outcome, Program, Status
from .prompts import NO_EVIDENCE
from .provider import Answer, Bound, Provider, ProviderError, Request, Venue
from .question import Finding, Question, Read
from .quorum import ALL, BEST_EFFORT, Quorum, parse_quorum
from .route import Record
from .settings import Routing, Select, Settings
from .simulate import Simulation
from .split import split
from .verify import NO_VERIFICATION, Verification, parse_verification

__all__ = [
    "ALL",
    "BEST_EFFORT",
    "NO_EVIDENCE",
    "NO_VERIFICATION",
    "Answer",
    "Bound",
    "Cite",
    "Desk",
    "Finding",
    "Holds",
    "Outcome",
    "Plan",
    "Program",
    "Provider",
    "ProviderError",
    "Question",
    "Quorum",
    "Read",
    "Record",
    "Request",
    "Routing",
    "Select",
    "Settings",
    "Simulation",
    "Status",
    "Venue",
    "Verification",
    "cited",
    "drive",
    "parse_quorum",
    "parse_verification",
    "split",
]
