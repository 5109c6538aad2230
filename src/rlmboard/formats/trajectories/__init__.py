"""Trajectories that libraries of recursive language models write down."""

from . import fast_rlm, rlm_code
from .fast_rlm import FastRlm
from .recursive_llm import RecursiveLlm
from .rlm_code import RlmCode

__all__ = ["FastRlm", "RecursiveLlm", "RlmCode", "fast_rlm", "rlm_code"]
