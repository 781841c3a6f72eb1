"""What works in the place of packages that the homework leaves free, as real files use it."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from autograder.model.failures import Raised
from autograder.model.limits import Limits
from autograder.sandbox.session import Session

PATH = Path(__file__).resolve().parents[2] / "autograder/sandbox/guest/substitutes.py"
SPEC = importlib.util.spec_from_file_location("substitutes", PATH)
substitutes = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(substitutes)
split = substitutes.train_test_split


def answered(source, name="f", args=()):
    with Session(
        "h.py", (("h.py", source.encode()),), level="process", limits=Limits(memory_mib=512)
    ) as session:
        session.load()
        assert not session.skipped, session.skipped
        return session.call(name, *args).value


USES = {
    "split": "from sklearn.model_selection import train_test_split\n"
    "def f():\n    a, b, c, d = train_test_split(np.arange(10), list('abcdefghij'), test_size=0.2,"
    " random_state=1)\n    return len(a) == 8 and len(b) == 2 and len(c) == 8 and len(d) == 2",
    "split by the package's name": "import sklearn.model_selection\n"
    "def f():\n    split = sklearn.model_selection.train_test_split\n"
    "    return len(split(np.eye(8), test_size=2)) == 2",
    "split of an old version": "from sklearn.cross_validation import train_test_split as tts\n"
    "def f():\n    return len(tts(np.eye(8))[0]) == 6",
    "shuffle": "from sklearn.utils import shuffle\n"
    "def f():\n    a, b = shuffle(np.arange(6), np.arange(6), random_state=0)\n"
    "    return bool(np.all(a == b) and sorted(a) == list(range(6)))",
    "shuffle by attributes": "import sklearn\n"
    "def f():\n    return len(sklearn.utils.shuffle([1, 2])) == 2",
    "folds": "from sklearn.model_selection import KFold\n"
    "def f():\n    return [len(v) for t, v in KFold(n_splits=3).split(np.eye(7))] == [3, 2, 2]",
    "grid": "from sklearn.model_selection import ParameterGrid\n"
    "def f():\n    return len(list(ParameterGrid({'a': [1, 2], 'b': [3, 4, 5]}))) == 6",
    "one-hot": "from sklearn.preprocessing import OneHotEncoder\n"
    "def f():\n    Y = OneHotEncoder(sparse=False).fit_transform(np.array([[2], [0], [2]]))\n"
    "    return Y.tolist() == [[0, 1], [1, 0], [0, 1]]",
    "sparse one-hot": "from sklearn.preprocessing import OneHotEncoder\n"
    "def f():\n    return OneHotEncoder().fit_transform([[1], [0]]).toarray().shape == (2, 2)",
    "binarizer": "from sklearn.preprocessing import LabelBinarizer\n"
    "def f():\n    return LabelBinarizer().fit_transform([0, 2, 1]).shape == (3, 3)",
    "categories": "from tensorflow.keras.utils import to_categorical\n"
    "def f():\n    return to_categorical([0, 2], 3).tolist() == [[1, 0, 0], [0, 0, 1]]",
    "accuracy": "from sklearn.metrics import accuracy_score\n"
    "def f():\n    return accuracy_score([1, 2, 3, 4], [1, 2, 3, 5]) == 0.75",
    "scaler": "from sklearn.preprocessing import StandardScaler\n"
    "def f():\n    return bool(abs(StandardScaler().fit_transform(np.eye(3)).mean()) < 1e-12)",
    "progress bar": "from tqdm import tqdm\ndef f():\n    bar = tqdm(range(3), desc='epoch')\n"
    "    for i in bar:\n        bar.set_description(str(i))\n        bar.set_postfix(loss=1.0)\n"
    "    return i == 2",
    "notebook's bar": "from tqdm.notebook import tqdm, trange\n"
    "def f():\n    return sum(trange(4)) == 6 and len(tqdm([1, 2])) == 2",
    "bar by its module": "import tqdm\ndef f():\n    tqdm.tqdm.write('x')\n"
    "    with tqdm.tqdm(total=5) as bar:\n        bar.update(2)\n    return bar.n == 2",
    "auto bar": "from tqdm.auto import tqdm\n"
    "def f():\n    return list(tqdm(enumerate('ab'))) == [(0, 'a'), (1, 'b')]",
    "numba": "from numba import njit, prange\n@njit(parallel=True)\ndef f():\n"
    "    total = 0\n    for i in prange(4):\n        total += i\n    return total == 6",
    "joblib": "from joblib import Parallel, delayed\n"
    "def f():\n    return Parallel(n_jobs=2)(delayed(abs)(i) for i in (-1, 2)) == [1, 2]",
    "logs": "import wandb\nwandb.init(project='x')\n"
    "def f():\n    wandb.log({'a': 1})\n    return True",
}


@pytest.mark.parametrize("source", USES.values(), ids=USES)
def test_it_works_as_people_use_it(source):
    assert answered(f"import numpy as np\n{source}\n") is True


@pytest.mark.parametrize(
    "source",
    [
        "from sklearn.linear_model import LogisticRegression as f",
        "from sklearn.linear_model import SGDClassifier as f",
        "from sklearn.metrics import log_loss as f",
        "from scipy.special import softmax as f",
        "from torch.nn.functional import cross_entropy as f",
    ],
)
def test_what_computes_an_answer_of_the_homework_is_not_there(source):
    with pytest.raises(Raised, match="is not available"):
        answered(f"{source}\ndef g():\n    return f([1])\n", "g")


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({}, (7, 3)),
        ({"test_size": 0.2}, (8, 2)),
        ({"test_size": 4}, (6, 4)),
        ({"train_size": 0.5}, (5, 5)),
        ({"train_size": 6, "test_size": 2}, (6, 2)),
        ({"test_size": 0.2, "shuffle": False}, (8, 2)),
        ({"test_size": 0.2, "stratify": [0, 1] * 5}, (8, 2)),
    ],
)
def test_a_split_holds_each_example_once_and_its_label_with_it(options, sizes):
    X, y = np.arange(20).reshape(10, 2), np.arange(10)
    first, second, y_first, y_second = split(X, y, random_state=3, **options)
    assert (len(first), len(second)) == sizes
    assert np.all(first[:, 0] == 2 * y_first) and np.all(second[:, 0] == 2 * y_second)
    assert len({*y_first, *y_second}) == sum(sizes)


def test_a_split_is_the_same_for_the_same_state_and_in_proportion_where_asked():
    assert np.array_equal(
        split(np.arange(9), random_state=1)[1], split(np.arange(9), random_state=1)[1]
    )
    labels = np.repeat([0, 1], [80, 20])
    assert np.sum(split(labels, test_size=0.25, stratify=labels, random_state=0)[1]) == 5


def test_a_split_that_is_none_is_refused():
    with pytest.raises(ValueError, match="different lengths"):
        split([1, 2], [1])
    with pytest.raises(ValueError, match="no split"):
        split([1, 2], test_size=5)
