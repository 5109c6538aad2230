"""`init`: a run begins, is taken up again, or is joined."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, TypeAlias

import msgspec

from ..errors import BadInput, HomeUnusable, RlmboardError, RunTaken
from ..folder import (
    Home,
    Owner,
    PayloadWriter,
    Pulse,
    RunRecord,
    Writer,
    boot_id,
    host,
    seal,
    take,
    valid_run_id,
)
from ..trace import FORMAT, VERSION, RunInit, RunResumed, as_text, run_config
from .exit import finish_at_exit
from .recorder import Mask, Payloads, Recorder, guarded, masked_tree
from .run import Run
from .run_id import new_run_id
from .settings import as_settings, as_tags
from .surroundings import environment, git_at_once, masked_argv
from .unwritten import Nowhere, Silent

LET_INIT_RETURN_S = 0.002
Resume: TypeAlias = Literal["never", "allow", "must"]


def init(
    query: str = "",
    *,
    config: Mapping[str, Any] | None = None,
    experiment: str | None = None,
    name: str | None = None,
    tags: Iterable[str] = (),
    notes: str | None = None,
    id: str | None = None,
    resume: Resume = "never",
    home: str | os.PathLike[str] | None = None,
    payloads: Payloads = "full",
    mask: Mask | None = None,
    strict: bool = False,
    webhook: str | None = None,
    mode: Literal["on", "disabled"] | None = None,
    producer: str = "sdk",
    program: str | None = None,
    fragment_count: int = 0,
    context: dict[str, Any] | None = None,
    root: str | None = None,
    parent_run_id: str | None = None,
    parent_id: str | None = None,
    started_at: datetime | None = None,
    surroundings: bool = True,
) -> Run:
    """Begin a run. Use what comes back in a `with`, or call its `finish`.

    Without `surroundings` nothing of this process is recorded, nor does its end end the run: for
    what another program did. `started_at`: when the run began, or goes on, if that is not now.
    In a process that finds `RLMBOARD_RUN_ID` and `RLMBOARD_HOME` of a run of this machine, and is
    given no `id`, this joins that run. Raises RunTaken when `id` has an owner or may not be used
    (`resume`), BadInput for what makes no sense; a home that cannot be written raises only with
    `strict=True`, else the run records nothing and says so in `problem`.
    """
    _check(resume, payloads)
    place = Home(home)
    joined = _joinable(place, id)
    mask = guarded(mask, strict) if mask else None
    said = _given(experiment=experiment, name=name, notes=notes, tags=as_tags(tags))
    record = _record(
        joined or valid_run_id(id or new_run_id()),
        mask,
        started_at,
        surroundings,
        query=as_text(query) if payloads != "none" else "",
        config=run_config({**(config or {}), **said}),
        producer=producer,
        payloads=payloads,
        root=root,
        parent_run_id=parent_run_id or (_parent(joined, id) if surroundings else None),
        parent_id=parent_id,
    )
    begin = _Beginning(place, record, mask, strict, webhook, resume, started_at, surroundings)
    if (mode or os.environ.get("RLMBOARD_MODE")) == "disabled":
        return begin.disabled()
    run = begin.joined() if joined else begin.owned()
    if begin.is_new and run.owns:
        begin.announce(run, _announced(record, as_text(query), program, fragment_count, context))
    return run


class _Beginning:
    """One call of `init`, in the ways that it can go."""

    def __init__(
        self, home: Home, record: RunRecord, mask: Mask | None, strict: bool,
        webhook: str | None, resume: Resume, started_at: datetime | None, surroundings: bool,
    ) -> None:  # fmt: skip
        self.is_new = True
        self._home = home
        self._record = record
        self._folder = home.run(record.run_id)
        self._mask = mask
        self._strict = strict
        self._webhook = webhook or os.environ.get("RLMBOARD_WEBHOOK")
        self._resume = resume
        self._started_at = started_at
        self._surroundings = surroundings

    def owned(self) -> Run:
        """As the owner of a new run, or of one taken up again; as a loss where neither can be."""
        try:
            return self._owned()
        except HomeUnusable as error:
            if self._strict:
                raise
            return self._unrecorded(str(error))

    def _owned(self) -> Run:
        try:
            self._make_folder()
        except FileExistsError:
            return self._resumed()
        except OSError as error:
            raise self._unusable(error) from error
        if self._resume == "must":
            self._folder.path.rmdir()
            raise RunTaken(
                f"there is no run {self._record.run_id} to resume in {self._home.path}; "
                'resume="allow" begins it'
            )
        run = self._run(self._record, self._own(self._record.monotonic_ns))
        run.complete_record()
        self._end_with_process()
        return run

    def _make_folder(self) -> None:
        try:
            self._folder.path.mkdir()
        except FileNotFoundError:
            self._home.make()
            self._folder.path.mkdir()

    def joined(self) -> Run:
        """As one more process that writes to the run of another."""
        record = self._folder.record() or self._record
        pulse = self._folder.pulse()
        base_ns = pulse.base_ns if pulse and pulse.base_ns else record.monotonic_ns
        return self._run(record, self._writer(base_ns), own_ids=False)

    def announce(self, run: Run, announced: RunInit) -> None:
        """The first event, and what is found out beside the run."""
        run.emit(announced, None if self._surroundings else 0.0)
        if self._surroundings:
            run.capture(_capture)

    def disabled(self) -> Run:
        """As nothing: whatever is emitted goes nowhere, and nothing is lost."""
        self._webhook = None
        writer = Silent(self._folder.trace, self._record.run_id, self._record.monotonic_ns)
        return self._run(msgspec.structs.replace(self._record, payloads="preview"), writer)

    def _unrecorded(self, why: str) -> Run:
        """As a run whose home cannot be written: everything is counted as lost."""
        writer = Nowhere(self._folder.trace, self._record.run_id, self._record.monotonic_ns, why)
        return self._run(msgspec.structs.replace(self._record, payloads="preview"), writer)

    def _resumed(self) -> Run:
        if self._resume == "never":
            raise RunTaken(
                f"run {self._record.run_id} exists already; "
                'take it up again with resume="allow", or leave the id out'
            )
        from .resuming import past_of  # few runs are

        record = self._folder.record() or self._record
        self.is_new = False
        writer = self._own(0)
        past = past_of(self._folder, record)
        writer.rebase(past.base_ns)
        run = self._run(record, writer, past.next_step, own_ids=False)
        if said := as_settings(self._record.config):
            run.config.update(said)
        self._forget_cancel()
        self._end_with_process()
        resumed = RunResumed(started_at=self._record.started_at, boot_id=boot_id(), pid=os.getpid())
        run.emit(resumed, past.goes_on_ms(self._started_at, record))
        return run

    def _end_with_process(self) -> None:
        if self._surroundings:
            finish_at_exit()

    def _forget_cancel(self) -> None:
        try:
            self._folder.cancel.unlink(missing_ok=True)
        except OSError:
            pass  # then the run finds itself asked to stop, which it may heed

    def _own(self, base_ns: int) -> Writer:
        run_id = self._record.run_id
        try:
            pulse = Pulse(pid=os.getpid(), boot_id=boot_id(), host=host(), base_ns=base_ns)
            owner = take(self._folder.heartbeat, pulse)
            self._home.mark(run_id)  # owned by now: no reader takes it for one that has ended
        except OSError as error:
            raise self._unusable(error) from error
        if owner is None:
            held = self._folder.pulse()
            by = f" by process {held.pid}" if held else ""
            raise RunTaken(f"run {run_id} is being recorded{by}; wait for it, or use another id")
        return self._writer(base_ns, owner)

    def _writer(self, base_ns: int, owner: Owner | None = None) -> Writer:
        run_id = self._record.run_id
        mark = partial(self._home.mark, run_id)
        return Writer(self._folder.trace, run_id, base_ns, owner, mark=mark)

    def _unusable(self, error: OSError) -> HomeUnusable:
        return HomeUnusable(
            f"cannot write to {self._home.path}: {error.strerror or error}; "
            "set RLMBOARD_HOME to a folder of yours"
        )

    def _run(
        self, record: RunRecord, writer: Writer, first_step: int = 0, own_ids: bool = True
    ) -> Run:
        recorder = Recorder(
            writer,
            PayloadWriter(self._folder.artifacts),
            payloads_of(record),
            self._mask,
            self._strict,
        )
        return Run(
            self._home,
            record,
            recorder,
            webhook=self._webhook,
            strict=self._strict,
            first_step=first_step,
            own_ids=own_ids,
        )


def _record(
    run_id: str, mask: Mask | None, began: datetime | None, surroundings: bool, **said: Any
) -> RunRecord:
    now, monotonic_ns = datetime.now(UTC), time.monotonic_ns()
    if began is not None:
        began = began.replace(microsecond=began.microsecond // 1000 * 1000)  # as it is written
        monotonic_ns -= round((now - began).total_seconds() * 1e9)
    around = _around(said.pop("root")) if surroundings else {"root": said.pop("root")}
    record = RunRecord(
        format=FORMAT,
        run_id=run_id,
        started_at=(began or now).astimezone(UTC).isoformat(timespec="milliseconds"),
        monotonic_ns=monotonic_ns,
        boot_id=boot_id(),
        pid=os.getpid(),
        rlmboard=VERSION,
        **around,
        **said,
    )
    return _masked(record, mask) if mask is not None else record


def _around(root: str | None) -> dict[str, Any]:
    """Who runs this process, where, and how it was called."""
    cwd = _cwd()
    git = git_at_once(cwd)
    return {
        "host": host(),
        "user": os.environ.get("USER") or os.environ.get("LOGNAME"),
        "argv": masked_argv(sys.argv),
        "cwd": cwd,
        "root": root or (git["root"] if git else cwd),
        "git": git,
        "python": sys.version.split()[0],
        "platform": sys.platform,
    }


def _masked(record: RunRecord, mask: Mask) -> RunRecord:
    settings = masked_tree(msgspec.to_builtins(record.config), mask)
    return msgspec.structs.replace(
        record,
        query=mask(record.query),
        config=run_config(settings),
        argv=tuple(map(mask, record.argv)),
    )


def _announced(
    record: RunRecord, query: str, program: str | None, fragments: int, context: Any
) -> RunInit:
    return RunInit(
        format=FORMAT,
        program=as_text(program) if program is not None else query,
        query=query or None,
        fragment_count=fragments,
        started_at=record.started_at,
        producer=record.producer,
        context=context,
    )


def _capture(run: Run) -> None:
    time.sleep(LET_INIT_RETURN_S)
    found = environment(run.cwd)
    try:
        run.emit(found)
    except RlmboardError:
        return  # strict: this thread has nobody to tell, and the count does
    run.complete_record(
        git=found.git, packages=found.packages, seal=seal(run.home, run.id, run._record.root)
    )


def _joinable(home: Home, id: str | None) -> str | None:
    """The run that the environment names, when another process of this boot began it here."""
    run_id = os.environ.get("RLMBOARD_RUN_ID")
    if not run_id or (id is not None and id != run_id):
        return None
    pulse = home.run(run_id).pulse()
    if pulse is None or pulse.boot_id is None or pulse.boot_id != boot_id():
        return None
    return run_id if pulse.pid != os.getpid() else None


def _parent(joined: str | None, id: str | None) -> str | None:
    """A run that was named but cannot be joined from here is this run's parent."""
    named = os.environ.get("RLMBOARD_RUN_ID")
    return named if named and not joined and named != id else None


def _check(resume: str, payloads: str) -> None:
    if resume not in ("never", "allow", "must"):
        raise BadInput(f"resume={resume!r}: choose 'never', 'allow' or 'must'")
    if payloads not in ("full", "preview", "none"):
        raise BadInput(f"payloads={payloads!r}: choose 'full', 'preview' or 'none'")


def payloads_of(record: RunRecord) -> Payloads:
    """How much of its texts a run keeps."""
    word = record.payloads
    return "preview" if word == "preview" else "none" if word == "none" else "full"


def _given(**settings: Any) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value not in (None, ())}


def _cwd() -> str:
    try:
        return os.getcwd()  # noqa: PTH109  a string is what is wanted
    except OSError:
        return "/"
