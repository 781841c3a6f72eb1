"""What Gradescope puts into a container: files of a student, and the metadata beside them."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DUE = "2026-10-05T23:59:00-04:00"


def sample(name):
    return (ROOT / "fixtures" / "submissions" / f"homework3.{name}.py").read_bytes()


def metadata(logins, submitted="2026-10-05T12:00:00-04:00", extension=None, previous=None):
    """Return submission_metadata.json with the keys of the platform's page."""
    users = [
        {"email": f"{login}@wpi.edu", "id": 100 + number, "name": login.title()}
        for number, login in enumerate(logins)
    ]
    if extension is not None:
        users[0]["assignment"] = {"due_date": extension}
    tries = [{"submission_time": DUE, "score": 1.0, "autograder_error": False, "results": previous}]
    found = {
        "id": 123456,
        "created_at": submitted,
        "assignment": {
            "due_date": DUE,
            "group_size": 2,
            "group_submission": True,
            "id": 25828,
            "course_id": 1234,
            "late_due_date": None,
            "release_date": "2026-09-20T00:00:00-04:00",
            "title": "Homework 3",
            "total_points": "33.0",
        },
        "submission_method": "upload",
        "users": users,
        "previous_submissions": tries if previous is not None else [],
    }
    return json.dumps(found)
