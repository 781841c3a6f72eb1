"""What each key of a rubric says, for docs/authoring.md: write_docs.py stops at one without."""

WORDS = {
    "": {
        "title": "what the homework is called",
        "stem": "what the names of the files begin with: `stem.USER.py`",
        "total": "the points of all checks and parts by hand; refused if it is not their sum",
        "max_team": "how many may hand in together",
        "secret": "mixed into the inputs of hidden checks: keep it to yourself, and change it",
        "seed": "fixes all inputs; for trying things out",
        "kit_seed": "the seed of the public checks in the kit for students",
        "students_see": 'what students read of hidden checks: "points", "mistakes" or "all"',
        "hints": "how deep hints may go, before the deadline and after it: 0 none, 1 what was "
        "seen, 2 the idea, 3 a small input to work out, 4 the handout's formula",
        "reference": "the file with the right answers",
        "template": "the file that students begin with: `validate` wants it to get no points",
        "stand_ins": "a file whose functions stand in for wrong ones, before the reference's",
        "samples": "a folder of submissions with `expected.toml`, which says what each must get",
        "corpus": "a folder of hostile submissions, for `audit`",
        "corpus_skips": "checks that take long: run on hostile submissions about them only",
    },
    "function": {
        "name": "the name that the homework asks for",
        "part": 'where the handout asks for it, such as "4h"',
        "kind": '"function" or "value"',
        "aliases": "what students call it otherwise: they are told to rename it",
        "idea": "the second hint: what it is about, and where the handout treats it; no answer",
        "accepts": "other forms in which it may be written, each a table of these:",
    },
    "function.accepts": {
        "says": "what the report tells of it",
        "turned": "parameters that it takes transposed",
        "columns": "vectors that it takes as one column",
        "order": "another order of its parameters",
        "answer": 'its answer is transposed ("turned") or in the reverse order ("reversed")',
    },
    "function.checks": {
        "id": 'stable, such as "sort-small": the test\'s mark, and the name in results',
        "title": "what is asked, in a few words",
        "points": "what it is worth",
        "public": "whether students can run it themselves",
        "hints": "of this check, in place of those at the top; the deepest of a function's counts",
        "telling": "of a check without points: where it fails its function is wrong, so that this "
        "gets hints, and what builds on it is not accused",
    },
    "hand": {
        "part": "where the handout asks for it",
        "title": "what is asked",
        "points": "what it is worth",
        "scoring": "`additive`: items give their points; `subtractive`: they take them off",
        "items": "what a grader looks for, to start with: a list of `points` and `text`; those "
        "that give points are worth the whole part",
    },
    "derivation": {
        "id": "the mark of its test",
        "title": "what the function is the derivative of",
        "part": "where the derivation is graded by hand",
        "function": "what students call it who write it",
        "takes": "how it is called, for the kit's README",
    },
    "source": {
        "tests": "patterns of the names of the test set's files, such as `*test*.npy`",
        "trains": "the function that trains",
        "tunes": "the one that chooses hyperparameters",
        "cost": "the one that is the cost",
        "penalty": "the parameter of the cost that adds a penalty",
        "judges": "those by which a training is judged",
        "ready_made": "what packages have of what students are to write, such as `torch.nn`",
    },
    "experiment": {
        "hints": "the deepest levels of hints that students may read in its variants A and B, as "
        "far as the rubric lets them be read",
        "wordings": "a list of `mistake` and `text`: what B reads in place of what else is said of "
        "a named mistake",
    },
    "requires": {
        "packages": "what the student's process may import beside the standard library",
        "data": "the folder of the data files",
        "files": "of that folder, what lies in the student's working directory",
        "hidden": "of that folder, what only checks read: students never get it",
    },
    "data": {
        "file": "a file of `[requires]`, or a pattern such as `*_labels.npy`",
        "shape": "the length of each axis; 0: any",
        "least": "the smallest number that may be in it",
        "most": "the largest",
        "filled": "whether the largest number is beyond half of `most`: of 0 … 255, not 0 … 1",
        "whole": "whether its numbers are whole",
    },
    "limits": {
        "call_cpu_seconds": "processor time of one call",
        "call_wall_seconds": "time of one call by the clock: for code that waits",
        "statement_cpu_seconds": "of one top-level statement while loading",
        "load_cpu_seconds": "of all of them; then only definitions are still run",
        "total_cpu_seconds": "of the whole submission",
        "total_wall_seconds": "of the whole submission, by the clock",
        "memory_mib": "memory of all its processes together",
        "processes": "processes and threads at a time",
        "file_mib": "the largest file",
        "scratch_mib": "all files of its directory",
        "open_files": "file descriptors at a time",
        "output_mib": "printed by one call",
        "reply_mib": "numbers returned by one call",
    },
    "late": {
        "due": "a time such as 2026-10-05T23:59:00-04:00, for exports that don't tell it",
        "grace_minutes": "lateness that costs nothing",
        "per_day": "the share of the score taken off for each day begun",
        "marked": "the share where only a mark says that it is late",
        "cap": "never more than this share",
    },
    "gradescope": {
        "seconds": "the time limit that is set there",
        "guest_memory_mib": "what of the container's memory the student's code may have",
        "hidden_visibility": 'when hidden checks are seen: "after_due_date", "after_published", '
        '"visible"',
        "leaderboard": "what checks measure that is shown to all",
        "isolation": 'the level to use, the strongest for ""',
    },
    "lookalikes": {
        "threshold": "the similarity, from 0 to 1, from which a pair is shown",
        "least": "statements of one's own; fewer are not compared",
        "rare": "statements that few others wrote so: a pair that shares this many is shown too",
        "given": "files of code that everybody got, such as the template",
    },
    "mutant": {
        "id": "what it is called in the page",
        "function": "the function that is changed",
        "mistakes": "the ids of which one must be named; `[]`: none may be; left out: any may be",
        "old": "a text that stands in that function of the reference exactly once",
        "new": "what is written instead",
        "source": "instead of these two: definitions that are put behind the reference",
        "unnamed": "why none of `mistakes` need be named, where that is so",
    },
    "restyling": {
        "id": "what it is called in the page",
        "title": "what is done otherwise",
        "source": "definitions that are put behind the reference: they replace its own",
        "whole": "whether `source` is the whole file",
    },
    "equivalent": {
        "function": "the function that a generic mutant changed",
        "changes": "texts, of which one is a part of `old line → new line`",
        "reason": "why it is as right as the reference",
    },
}
# What a key means that is left out, where no dataclass says so.
LEFT_OUT = {
    "": {
        **dict.fromkeys(("title", "stem"), "refused"),
        "total": "not looked at",
        "max_team": "`1`",
        "secret": "a warning: hidden inputs can be foretold",
        "seed": "another for each submission",
        "kit_seed": "`0`",
        "students_see": '`"points"`',
        "hints": "all of them; of hidden checks none before the deadline where `students_see` is "
        '`"points"`',
        "reference": "nothing to compare with, no carrying, no kit",
        **dict.fromkeys(("template", "stand_ins", "samples", "corpus"), "none"),
        "corpus_skips": "none",
    },
    "requires": {
        "packages": '`["numpy"]`',
        "data": "the rubric's folder",
        **dict.fromkeys(("files", "hidden"), "none"),
    },
}
# Tables whose keys the author names.
FREE = {
    "thresholds": 'numbers that checks look up by name: `thresholds["test_error"]`',
    "builds_on": "function → list of those that it builds on: with right ones in their place its "
    "checks are run again, so that a mistake is not counted twice",
    "proposals": "what to look for in the PDF: [pdf.md](pdf.md)",
}
