"""The commands of autograder, and nothing else: each reads its options and calls the engine."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from autograder import __version__, checking
from autograder.assignment import DEFAULT_FOLDER, Assignment, RubricError, load_assignment
from autograder.audit.run import KINDS, audit
from autograder.batch import grade_all, version_here
from autograder.cluster import cluster
from autograder.doctor import can_grade, examine
from autograder.gradebook.build import build, claim_hand_grades
from autograder.gradebook.compare import Moved, compare
from autograder.gradebook.forgetting import forget
from autograder.gradebook.hand import FILE as HAND_GRADES
from autograder.gradebook.roster import KEPT as KEPT_ROSTER
from autograder.gradebook.roster import Roster, keep_roster, roster_for
from autograder.gradebook.tables import TableError
from autograder.gradescope.run import ROOT as CONTAINER
from autograder.gradescope.run import run as run_in_container
from autograder.grading.grade import GradingError
from autograder.intake.exports.entry import Entry
from autograder.intake.exports.opening import FORMATS, opened
from autograder.intake.gathering import IntakeError
from autograder.lookalikes.folder import FILE as LOOKALIKES
from autograder.lookalikes.folder import find_lookalikes, why_no_lookalikes
from autograder.model.failures import IsolationError
from autograder.naming import NO_ROOM, named_in, naming
from autograder.overview import write_overview
from autograder.packaging.gradescope import package_gradescope
from autograder.packaging.student import KitError, package_student
from autograder.pages import ids_in, make_pages, why_no_pages
from autograder.pdf.folder import PdfError, read_folder, with_pdf
from autograder.progress import Progress
from autograder.render.gradescope import FOLDER
from autograder.render.summary import Row, row_of
from autograder.render.terminal import print_findings, print_report, print_rows
from autograder.sandbox.isolation import LEVELS, available_levels, choose_level
from autograder.sandbox.trouble import MachineTrouble, trouble_of
from autograder.store.durable import write_whole
from autograder.store.handed import read_handed
from autograder.text import wording
from autograder.text.inert import inert_line

OK, LOST_POINTS, CANNOT = 0, 1, 2
SAMPLES = Path(__file__).resolve().parent.parent / "fixtures" / "submissions"
EXPECTED_ERRORS = (
    IntakeError,
    RubricError,
    IsolationError,
    GradingError,
    TableError,
    KitError,
    MachineTrouble,
    OSError,
    MemoryError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Never raises for a mistake of the user's."""
    listed = list(sys.argv[1:] if arguments is None else arguments)
    options = make_parser().parse_args(listed or default_arguments())
    run: Callable[[argparse.Namespace], int] = options.run
    stopped_by: list[int] = []
    try:
        with stopping_once(stopped_by):
            code = run(options)
            # What can't be written there is told here, not by the interpreter at its end.
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        drop_output()
        return OK
    except EXPECTED_ERRORS as error:
        say_last(words_of(error))
        return CANNOT
    except KeyboardInterrupt:
        print("autograder: stopped.", file=sys.stderr)
        return 128 + (stopped_by or [signal.SIGINT])[0]


def words_of(error: BaseException) -> str:
    """Return what to tell people of an error: which file it is about, and what to do."""
    # Whatever else writes, names its file.
    if isinstance(error, OSError) and error.errno in NO_ROOM and not named_in(error):
        error = OSError(error.errno, error.strerror, "standard output")
        drop_output()
    trouble = trouble_of(error, "can not go on")
    if trouble is None and isinstance(error, OSError) and error.strerror:
        name = named_in(error)
        return f"{name}: {error.strerror}." if name else f"{error.strerror}."
    return str(trouble or error)


def drop_output() -> None:
    """Let what is still to be printed go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say_last(sentence: str) -> None:
    # Where nobody can be told, the exit code alone tells it.
    with contextlib.suppress(OSError):
        print(f"autograder: {sentence}", file=sys.stderr)


@contextlib.contextmanager
def stopping_once(stopped_by: list[int]) -> Iterator[None]:
    """End at the first Ctrl-C, hang-up or kill, in order; those after it don't disturb the end."""
    numbers = [
        getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
    ]

    def stop(number: int, frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, ignore)
        stopped_by.append(number)
        raise KeyboardInterrupt

    before = {}
    # In a thread, as in a script of the course's own, signals are not ours.
    with contextlib.suppress(ValueError):
        before = {each: signal.signal(each, stop) for each in numbers}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, signal.SIG_IGN if stopped_by else handler)


def ignore(number: int, frame: FrameType | None) -> None:
    """A function, not SIG_IGN, which the programs that we start would inherit."""


def default_arguments() -> list[str]:
    """Return what `autograder` alone does: it grades what is there, or the sample batch."""
    if (CONTAINER / "submission").is_dir():
        return ["gradescope"]
    return ["grade", str(SAMPLES), "--show"] if SAMPLES.is_dir() else ["--help"]


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Grades a numpy deep-learning homework behind a process boundary.",
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    add_assignment(common)
    common.add_argument(
        "--isolation", choices=LEVELS, help="use this level, not the strongest that works"
    )
    common.add_argument("--seed", type=int, metavar="S", help="fix all random inputs")
    add_check(commands)
    add_grade(commands, common)
    add_audit(commands, common)
    add_doctor(commands, common)
    add_compare(commands)
    add_gradescope(commands, common)
    add_package(commands)
    add_pdf(commands, common)
    add_lookalikes(commands)
    add_report(commands)
    return parser


def add_assignment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--assignment",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="FOLDER",
        help="the folder with rubric.toml and checks/ (default: homework 3)",
    )


def add_check(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "check",
        help="check your own file with the public checks",
        description="Check your own file with the public checks. Exit code 0: every public check "
        "passed; 1: something lost points; 2: it could not be graded, and why.",
    )
    checking.add_arguments(parser)


def add_grade(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "grade",
        parents=[common],
        help="grade files, folders and zips with all checks",
        description="Grade submissions with all checks. Exit code 0: every submission got a "
        "result, whatever its score; 2: bad usage.",
    )
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="what was handed in")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results go")
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    parser.add_argument(
        "--require-isolation", choices=LEVELS, metavar="LEVEL", help="refuse anything weaker"
    )
    parser.add_argument("--show", action="store_true", help="print every report as well")
    parser.add_argument(
        "--format", choices=FORMATS, help="the platform of the export, instead of finding it out"
    )
    add_tables(parser)
    parser.add_argument("--no-resume", action="store_true", help="grade again what is known")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="ID", help="grade these again, and no others"
    )
    parser.add_argument(
        "--executor", metavar="URL", help="the scheduler of a Dask cluster, such as tcp://host:8786"
    )
    parser.set_defaults(run=run_grade)


def add_tables(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="CSV",
        help="the class: a gradebook of Canvas, or a table (default: the one given before)",
    )
    parser.add_argument(
        "--column", metavar="NAME", help="the assignment's column in Canvas: heading or id"
    )
    parser.add_argument(
        "--forget",
        nargs="+",
        default=[],
        metavar="ID",
        help="first remove these submissions from the folder of results",
    )


def add_audit(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "audit",
        parents=[common],
        help="grade the grader: mutants, restylings, seeds, hostile code",
        description="Grade the grader: wrong solutions that slip through, right ones that lose "
        "points. Exit code 0: it found nothing wrong; 1: it did.",
    )
    parser.add_argument(
        "--kinds", nargs="+", choices=KINDS, default=KINDS, metavar="KIND", help=", ".join(KINDS)
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="variants with TEXT in the id")
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="seeds to try")
    parser.add_argument(
        "--checks", nargs="+", default=[""], metavar="ID", help="try seeds on checks that begin so"
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the page there as well")
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    parser.set_defaults(run=run_audit)


def add_compare(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "compare",
        help="say whose score changed between two runs, and by which check",
        description="Compare the results of two runs: whose score moved, up or down, by which "
        "check.",
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the --out of the first run")
    parser.add_argument("new", type=Path, metavar="NEW", help="the --out of the second run")
    parser.set_defaults(run=run_compare)


def add_gradescope(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "gradescope",
        parents=[common],
        help="grade the submission of a Gradescope container",
        description="Grade the submission of a Gradescope container and write its results.json, "
        "early and after each check. Exit code 0: it is graded; 1: the grader failed, and the "
        "file says so.",
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=CONTAINER,
        metavar="DIR",
        help="the folder with submission/ and results/ (default: /autograder)",
    )
    parser.set_defaults(run=run_gradescope)


def add_package(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("package", help="make the zip for Gradescope, or for students")
    kinds = parser.add_subparsers(title="packages", required=True, metavar="WHAT")
    gradescope = kinds.add_parser(
        "gradescope",
        help="the zip that Gradescope takes as an autograder",
        description="Write the zip that Gradescope takes as an autograder. Nothing in it depends "
        "on when or where it is made. It holds the reference and the hidden checks.",
    )
    student = kinds.add_parser(
        "student",
        help="the kit with which students check themselves",
        description="Write the kit that students get: template, data, public checks, and the "
        "grader without reference, hidden checks and secrets.",
    )
    for kind, name in ((gradescope, "gradescope.zip"), (student, "student_kit.zip")):
        add_assignment(kind)
        kind.add_argument(
            "--out", type=Path, default=Path(name), metavar="FILE", help=f"default: {name}"
        )
    gradescope.set_defaults(run=run_package_gradescope)
    student.set_defaults(run=run_package_student)


def add_report(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "report",
        help="make the tables and pages of a folder of results anew, grading nothing",
        description="Make the tables and pages of a folder of results anew from what is stored "
        "there. Nothing is graded. Exit code 0: all pages are there; 1: some could not be made; "
        "2: none.",
    )
    parser.add_argument("out", type=Path, metavar="DIR", help="the --out of a run of grade")
    parser.add_argument(
        "--assignment",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="FOLDER",
        help="the folder with rubric.toml (default: homework 3)",
    )
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    add_tables(parser)
    parser.set_defaults(run=run_report)


def add_pdf(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "pdf",
        parents=[common],
        help="read the PDFs of a folder of results, as grade does",
        description="Read the PDFs of a folder of results: pages, text, pictures for staff, and "
        "proposals for what they report. What was read already is not read again.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="the --out of grade")
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    parser.add_argument(
        "--require-isolation", choices=LEVELS, metavar="LEVEL", help="refuse anything weaker"
    )
    parser.add_argument("--again", action="store_true", help="read again what is known")
    parser.set_defaults(run=run_pdf)


def add_lookalikes(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser(
        "lookalikes",
        help="find submissions that read alike, as grade does",
        description="Find submissions of a folder of results that read alike. A hint for staff, "
        "never a score. Exit code 0 whatever was found.",
    )
    add_assignment(parser)
    parser.add_argument("folder", type=Path, metavar="DIR", help="the --out of grade")
    parser.add_argument(
        "--threshold", type=float, metavar="T", help="from 0 to 1, instead of the rubric's"
    )
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes"
    )
    parser.set_defaults(run=run_lookalikes)


def add_doctor(commands: argparse._SubParsersAction, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "doctor",
        parents=[common],
        help="say what this machine offers and what is missing",
        description="Say what this machine offers for grading and what is missing. Exit code 0: "
        "other people's submissions can be graded here; 1: they can't, and why.",
    )
    parser.set_defaults(run=run_doctor)


def run_grade(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
    if options.jobs < 1:
        raise IntakeError("-j needs a number of processes of at least 1.")
    check_out(options.out)
    level = grading_level(options)
    if options.forget and options.out is None:
        raise IntakeError("--forget needs --out: the folder that the results are in.")
    before = roster_for(options.out, options.roster)
    roster, _ = before
    known = roster.ids if roster is not None else frozenset()
    with contextlib.ExitStack() as stack:
        exports = [
            stack.enter_context(opened(path, assignment.stem, options.format or "", known))
            for path in options.paths
        ]
        entries = [entry for export in exports for entry in export.entries]
        if not entries:
            raise IntakeError(f"There is no submission in {', '.join(map(str, options.paths))}.")
        for remark in dict.fromkeys(remark for export in exports for remark in export.remarks):
            print(f"autograder: {remark}", file=sys.stderr)
        if options.out is not None:
            claim_hand_grades(options.out, assignment)
            tell_forgotten(options.out, options.forget, assignment)
        rows = grade_entries(entries, assignment, level, options)
    missing = sorted(set(options.only) - {row.id for row in rows})
    if missing:
        raise IntakeError(f"--only: there is no submission {', '.join(missing)}.")
    print_rows(rows)
    if options.out is not None:
        read_pdfs(options.out, assignment, level, options.jobs)
        tell_lookalikes(options.out, assignment, options.jobs)
        write_pages(options.out, assignment, options.jobs, anew=False)
        outdated = write_tables(options, assignment, before)
        if not why_no_pages():
            overview = write_overview(options.out, assignment, outdated)
            print(f"The class at a glance: {overview}.")
    return OK


def check_out(out: Path | None) -> None:
    """Raises IntakeError where a folder of results can't be made, before anything is graded."""
    if out is None or out.is_dir():
        return
    if out.is_symlink():
        raise IntakeError(
            f"--out {out} is a link to {out.readlink()}, which is no folder or is not there. Make "
            "that folder, or give another --out."
        )
    if out.exists():
        raise IntakeError(f"--out {out} is a file. Give a folder, or a name for a new one.")


def tell_forgotten(out: Path, ids: list[str], assignment: Assignment) -> None:
    for sentence in forget(out, ids, assignment) if ids else ():
        print(f"autograder: {sentence}", file=sys.stderr)


def write_tables(
    options: argparse.Namespace, assignment: Assignment, before: tuple[Roster | None, bool]
) -> frozenset[str]:
    """Write the tables below --out, and tell where they are and what is left to do.

    `before` is the roster, and whether it is that of before. Returns what is in no table.
    """
    out, given, column = options.out, options.roster, options.column or ""
    roster, is_kept = before
    if not column and is_kept:
        column = read_handed(out).column
    built = build(out, assignment, roster, column=column)
    keep_roster(out, given, column)
    print(f"Results are in {out}; {built.gradebook.name} is the gradebook.")
    if is_kept:
        print(f"The roster is that of before, {out / KEPT_ROSTER}: --roster gives another one.")
    if built.earlier:
        print(inert_line(built.earlier, 1000))
    if built.left:
        print(f"autograder: {built.left}", file=sys.stderr)
    if built.waiting:
        print(
            f"{built.waiting} are to be graded by hand: fill in {out / HAND_GRADES} "
            "and run the same command again."
        )
    if built.looks:
        print(f"{len(built.looks)} things to look at: {out / 'needs_a_look.csv'}.")
    return built.outdated


def grade_entries(
    entries: list[Entry], assignment: Assignment, level: str, options: argparse.Namespace
) -> list[Row]:
    """Grade, tell how far it has come, and return a row for each, by id."""
    rows = []
    version = functools.partial(version_here, assignment, level, options.seed)
    progress = Progress(len(entries), sys.stderr)
    try:
        for done in grade_all(
            entries,
            assignment,
            level=level,
            seed=options.seed,
            jobs=options.jobs,
            out=options.out,
            make_executor=cluster(options.executor, version) if options.executor else None,
            resume=not options.no_resume,
            only=frozenset(options.only),
            tell=lambda sentence: progress.say(f"autograder: {inert_line(sentence, 400)}"),
        ):
            rows.append(row_of(done.report))
            if options.show:
                print_report(done.report, staff=True)
                print()
            else:
                progress.step(done.report.id, done.report.seconds, done.resumed)
    except (KeyboardInterrupt, MachineTrouble):
        progress.end()
        if options.out is not None and rows:
            print(
                f"autograder: what has been graded is in {options.out}; "
                "the same command goes on from there.",
                file=sys.stderr,
            )
        raise
    progress.end()
    return sorted(rows, key=lambda row: row.id)


def write_pages(out: Path, assignment: Assignment, jobs: int, anew: bool) -> bool:
    """Write the pages below `out`, or say why there are none; return whether all are there."""
    if reason := why_no_pages():
        print(f"autograder: {reason}", file=sys.stderr)
        return False
    progress = Progress(len(ids_in(out)), sys.stderr, what="have pages")
    made = []
    for each in make_pages(out, assignment, jobs=jobs, anew=anew):
        made.append(each)
        progress.step(each.id, 0.0, not each.fresh)
    progress.end()
    for each in made:
        if each.problem:
            print(
                f"autograder: {inert_line(each.id)}: no page: {inert_line(each.problem)}",
                file=sys.stderr,
            )
    return not any(each.problem for each in made)


def run_report(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
    if options.jobs < 1:
        raise IntakeError("-j needs a number of processes of at least 1.")
    if not (options.out / FOLDER).is_dir():
        raise IntakeError(f"{options.out} holds no results: it has no folder {FOLDER}.")
    # A roster that can't be used is told before anything is removed.
    before = roster_for(options.out, options.roster)
    claim_hand_grades(options.out, assignment)
    if options.forget:
        tell_forgotten(options.out, options.forget, assignment)
        tell_lookalikes(options.out, assignment, options.jobs)
    no_pages = why_no_pages()
    complete = not no_pages and write_pages(options.out, assignment, options.jobs, anew=True)
    outdated = write_tables(options, assignment, before)
    if no_pages:
        raise IntakeError(no_pages)
    overview = write_overview(options.out, assignment, outdated)
    print(f"The pages are in {options.out / FOLDER}; {overview} is the class at a glance.")
    return OK if complete else LOST_POINTS


def run_pdf(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
    if not (options.folder / FOLDER).is_dir():
        raise IntakeError(f"{options.folder} holds no results: give the --out of grade.")
    level = grading_level(options)
    if not read_pdfs(options.folder, assignment, level, options.jobs, options.again):
        return CANNOT
    print("The pages for staff show it after autograder report.")
    return OK


def run_lookalikes(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
    if not (options.folder / FOLDER).is_dir():
        raise IntakeError(f"{options.folder} holds no results: give the --out of grade.")
    if options.jobs < 1:
        raise IntakeError("-j needs a number of processes of at least 1.")
    if options.threshold is not None and not 0 < options.threshold <= 1:
        raise IntakeError("--threshold needs a number above 0 and at most 1.")
    if not tell_lookalikes(options.folder, assignment, options.jobs, options.threshold):
        return CANNOT
    print("The pages for staff and the class page show it after autograder report.")
    return OK


def tell_lookalikes(
    out: Path, assignment: Assignment, jobs: int, threshold: float | None = None
) -> bool:
    """Find look-alikes below `out` and tell how many; False where this machine can't."""
    if len(ids_in(out)) < 2:
        return True
    if reason := why_no_lookalikes():
        print(f"autograder: {reason}", file=sys.stderr)
        return False
    found = find_lookalikes(out, assignment, jobs=jobs, threshold=threshold)
    print(
        f"Look-alikes: {wording.counted(len(found.pairs), 'pair')} among "
        f"{wording.counted(found.compared, 'submission')}"
        + (f", {found.too_short} not compared" if found.too_short else "")
        + (f"; {out / LOOKALIKES}." if found.pairs else ".")
    )
    return True


def read_pdfs(
    out: Path, assignment: Assignment, level: str, jobs: int, again: bool = False
) -> bool:
    """Read the PDFs below `out` and tell how it went; False where this machine can't read any."""
    count = len(with_pdf(out / FOLDER))
    if count == 0:
        return True
    fresh = found = 0
    progress = Progress(count, sys.stderr, what="PDFs read")
    try:
        for each in read_folder(out / FOLDER, assignment.proposals, level, jobs, again):
            fresh += each.fresh
            found += all(proposal.value is not None for proposal in each.record.proposals)
            progress.step(each.id, each.seconds, not each.fresh)
    except PdfError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return False
    progress.end()
    print(f"PDFs: {count}, read now: {fresh}. What they should report was found in {found}.")
    return True


def run_compare(options: argparse.Namespace) -> int:
    moves = list(compare(options.old, options.new))
    for move in moves:
        print(move_line(move))
    changes = [m.new - m.old for m in moves if m.old is not None and m.new is not None]
    up, down = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    print(f"{len(moves)} results moved: {up} up, {down} down.")
    return OK


def move_line(move: Moved) -> str:
    if move.old is None or move.new is None:
        where = "only in the new results" if move.old is None else "only in the old results"
        return f"{inert_line(move.id)}: {where}"
    checks = ", ".join(f"{inert_line(id)} {old:g} → {new:g}" for id, old, new in move.checks)
    return f"{inert_line(move.id)}: {move.old:g} → {move.new:g} ({checks})"


def run_audit(options: argparse.Namespace) -> int:
    assignment = load_assignment(options.assignment)
    outcome = audit(
        assignment,
        options.kinds,
        jobs=options.jobs,
        seeds=options.seeds,
        only=options.only,
        checks=tuple(options.checks),
        levels=(choose_level(options.isolation),) if options.isolation else (),
    )
    print(outcome.page)
    if options.page is not None:
        with naming(options.page):
            options.page.write_text(outcome.page, encoding="utf-8")
    return OK if outcome.clean else LOST_POINTS


def run_gradescope(options: argparse.Namespace) -> int:
    return run_in_container(
        options.root, options.assignment, isolation=options.isolation, seed=options.seed
    )


def run_package_gradescope(options: argparse.Namespace) -> int:
    data = package_gradescope(load_assignment(options.assignment))
    write_whole(options.out, data)
    print(
        f"{options.out} ({len(data) / 2**20:.1f} MiB): upload it under Configure Autograder. It "
        "holds the reference and the hidden checks, so keep it from students."
    )
    return OK


def run_package_student(options: argparse.Namespace) -> int:
    data = package_student(load_assignment(options.assignment))
    write_whole(options.out, data)
    print(f"{options.out} ({len(data) / 2**20:.1f} MiB): give it to your students.")
    return OK


def run_doctor(options: argparse.Namespace) -> int:
    findings = examine(load_assignment(options.assignment))
    print_findings((each.area, each.text, each.good) for each in findings)
    return OK if can_grade(findings) else LOST_POINTS


def grading_level(options: argparse.Namespace) -> str:
    """Return the level to grade others' code at; `process` only where it is asked for by name."""
    level = choose_level(options.isolation, options.require_isolation)
    if level == "process" and options.isolation is None:
        raise IsolationError(
            "only the level `process` works here, which can't keep other people's code from "
            "reading this machine's files. Install bubblewrap, or pass --isolation process if "
            f"you trust the submissions. (Levels that work: {', '.join(available_levels())}.)"
        )
    return level
