"""Measure how the reference solution trains, over many seeds, for the figures in reports.

    python benchmarks/training_band.py --seeds 200

writes autograder/homework3/training.json: the 5 % and 95 % quantiles of the training loss and the
test accuracy after some numbers of epochs, and the mean weights of each class as bytes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder.assignment import load_assignment
from autograder.homework3.problems import shuffled_images
from autograder.homework3.training_drawings import MEASURED
from autograder.homework3.training_figures import EARLIER, measures
from autograder.model.figures import grey

EPOCHS = (*EARLIER, 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    seeds = parser.parse_args().seeds
    assignment = load_assignment()
    assert assignment.reference is not None
    reference = module_at(assignment.reference)
    found = np.zeros((seeds, len(EPOCHS), 2))
    weights = np.zeros((784, 10))
    for seed in range(seeds):
        data = shuffled_images(assignment.hidden_files, np.random.default_rng(seed))
        for place, epochs in enumerate(EPOCHS):
            W, b = reference.SGD(
                data.X_train,
                data.Y_train,
                epsilon=0.1,
                batchSize=32,
                alpha=0.02,
                numEpochs=epochs,
                seed=seed,
            )
            found[seed, place] = measures(data, W, b)
        weights[data.pixels] += W[:, data.classes] / seeds
    low, high = np.quantile(found, [0.05, 0.95], axis=0)
    measured = {
        "made with": f"python benchmarks/training_band.py --seeds {seeds}",
        "seeds": seeds,
        "epochs": list(EPOCHS),
        "loss": {"low": rounded(low[:, 0]), "high": rounded(high[:, 0])},
        "accuracy": {"low": rounded(low[:, 1]), "high": rounded(high[:, 1])},
        "weights": grey(weights.T).reshape(-1).tolist(),
    }
    MEASURED.write_text(json.dumps(measured) + "\n", encoding="utf-8")
    print(f"{MEASURED}: {measured['loss']}, {measured['accuracy']}")


def rounded(values: np.ndarray) -> list[float]:
    return [float(f"{value:.4g}") for value in values]


def module_at(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
