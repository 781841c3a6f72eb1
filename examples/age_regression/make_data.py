"""Make the data: small "images" of faces, and ages that depend on them. Run it once."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "data"


def main() -> None:
    rng = np.random.default_rng(18)
    images = rng.normal(size=(400, 12)).astype(np.float32)
    images[:, -1] = 1.0
    ages = images @ np.append(rng.normal(size=11) * 1.5, 25.0) + rng.normal(size=400)
    FOLDER.mkdir(exist_ok=True)
    np.save(FOLDER / "age_images.npy", images)
    np.save(FOLDER / "age_labels.npy", ages.astype(np.float32))


if __name__ == "__main__":
    main()
