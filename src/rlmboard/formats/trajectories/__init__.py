"""Trajectories that libraries of recursive language models write down."""

from . import adk_rlm, fast_rlm, rlm_code
from .adk_rlm import AdkRlm
from .fast_rlm import FastRlm
from .recursive_llm import RecursiveLlm
from .rlm_code import RlmCode

__all__ = ["AdkRlm", "FastRlm", "RecursiveLlm", "RlmCode", "adk_rlm", "fast_rlm", "rlm_code"]
