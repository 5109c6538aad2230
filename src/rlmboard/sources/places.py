"""How a place on disk is written in a SpanRef, and where what was written lies on disk.

A written path is valid Unicode whatever the name on disk: a byte that is not UTF-8 stands as
`\\xe9`, and the backslash of a name that holds such an escape itself as `\\x5c`, so that every
written path leads back to exactly one name.
"""

from __future__ import annotations

import os
import re
from typing import TypeAlias

StrPath: TypeAlias = str | os.PathLike[str]

_UNWRITABLE = re.compile(r"[\ud800-\udfff]|\\(?=x[0-9a-f]{2})")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")


def real(path: StrPath) -> str:
    """The absolute path with every symbolic link followed; of a path that does not exist too."""
    return os.path.realpath(path)


def written(file: str, root: str | None) -> str:
    """The path of a real file as SpanRefs have it: relative to `root` where it lies in it."""
    return printable(relative(file, root) if root and inside(file, root) else file)


def located(path: str, root: StrPath | None) -> str:
    """The real file that a written path means.

    An absolute path is taken as it is. A relative one may leave `root` neither by `..` nor by a
    symbolic link: FileNotFoundError.
    """
    name = on_disk(path)
    if name.startswith(os.sep):
        return real(name)
    top = real(root if root is not None else os.curdir)
    file = real(f"{top}{os.sep}{name}")
    if not inside(file, top):
        raise FileNotFoundError(f"{path} leads out of {printable(top)}")
    return file


def inside(file: str, folder: str) -> bool:
    """Whether a real path lies in a real folder, or is that folder."""
    return file == folder or file.startswith(folder.rstrip(os.sep) + os.sep)


def is_within(place: StrPath, folder: StrPath) -> bool:
    """Whether a place lies in a folder, or is it, once every link is followed."""
    return inside(real(place), real(folder))


def relative(file: str, folder: str) -> str:
    return file[len(folder.rstrip(os.sep)) + 1 :]


def printable(name: str) -> str:
    """A name from the disk as valid Unicode, reversible by `on_disk`."""
    return _UNWRITABLE.sub(_escaped, name)


def on_disk(path: str) -> str:
    """The name on disk that was written so. Raises FileNotFoundError for what can be no name."""
    name = _ESCAPE.sub(_unescaped, path)
    try:
        usable = b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise FileNotFoundError(f"{path!r} can be the name of no file")
    return name


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return r"\x5c" if code == 0x5C else rf"\x{code & 0xFF:02x}"


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(0xDC00 + code) if code >= 0x80 else chr(code)
