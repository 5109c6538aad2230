"""A run as a page: the fold of its trace to columns that its views draw."""

from .encode import decode_picture, encode_picture
from .fold import PictureFold
from .picture import Names, Picture, RunHead
from .tables import STATES

__all__ = [
    "STATES",
    "Names",
    "Picture",
    "PictureFold",
    "RunHead",
    "decode_picture",
    "encode_picture",
]
