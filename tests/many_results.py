"""Many stored results, made from a few that were really graded: other ids, scores and people."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from autograder.model.provenance import Person, Provenance
from autograder.model.report import CheckResult, Outcome, Report
from autograder.render.results_json import write_results
from autograder.store.results import Results

FIRST = ("Ann", "Bob", "Carla", "Élodie", "Goran", "Hana", "Iñigo", "Zoë")
LAST = ("O'Brien", "Smith", "García", "Ng", "Müller", "van Dyke", "Şahin", "Park")


def write_many(out: Path, reports: list[Report], count: int, seed: int = 1) -> None:
    """Write `count` results below `out`, each like one of `reports` with some verdicts changed."""
    rng = random.Random(seed)
    for number in range(count):
        report = rng.choice(reports)
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        id = f"user{number:05}"
        late = rng.random() < 0.1
        provenance = Provenance("canvas", id, (Person(id=str(number), name=name),), late=late)
        checks = tuple(changed(check, rng) for check in report.checks)
        made = replace(report, id=id, authors=(id,), provenance=provenance, checks=checks)
        path = Results(out).of(id).result
        path.parent.mkdir(parents=True)
        write_results(path, replace(made, seconds=rng.uniform(0.3, 9)))


def changed(check: CheckResult, rng: random.Random) -> CheckResult:
    if rng.random() < 0.9:
        return check
    if rng.random() < 0.5:
        return replace(check, outcome=Outcome.PASSED, score=check.points, mistake="", message="")
    return replace(check, outcome=Outcome.FAILED, score=0.0, message="It is wrong.")
