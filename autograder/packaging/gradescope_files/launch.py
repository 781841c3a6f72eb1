"""Start the grader from the folder that this file is in: `--root DIR` grades, `--try` tries."""

import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
sys.path.insert(0, str(SOURCE))


def main() -> int:
    from autograder.assignment import DEFAULT_FOLDER, load_assignment
    from autograder.gradescope.run import level_here, run

    own = SOURCE / "assignment"
    folder = own if own.is_dir() else DEFAULT_FOLDER
    if sys.argv[1:] == ["--try"]:
        assignment = load_assignment(folder)
        level = level_here(assignment)
        print(f"autograder: ready to grade {assignment.title!r} at the level {level}.")
        return 0
    return run(Path(sys.argv[2]), folder)


if __name__ == "__main__":
    sys.exit(main())
