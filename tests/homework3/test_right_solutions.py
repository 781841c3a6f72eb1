"""Right solutions in many styles: what the handout leaves open costs nothing."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from autograder.assignment import load_assignment
from autograder.grading.grade import grade
from autograder.model.report import Outcome
from autograder.model.submission import Cell, Submission
from autograder.sandbox.isolation import available_levels
from tests.whole import WHOLE

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "reference_solution" / "homework3.reference.py").read_text(encoding="utf-8")
TEMPLATE = (ROOT / "student_template" / "homework3.WPIUSERNAME1.py").read_text(encoding="utf-8")
ASSIGNMENT = load_assignment()

# Definitions behind those of the reference, which they replace.
STYLES = {
    "vectors are columns": """
        b_1, b_2 = b_1.reshape(-1, 1), b_2.reshape(-1, 1)
        def AffineTransformation(W, b, x):
            assert b.shape == (len(W), 1) and x.shape[1] == 1
            return W.dot(x) + b
        def composeFG(x):
            return Composition([(W_1, b_1), (W_2, b_2)], x.reshape(2, 1))[-1]
        def ComputeJacobians(L, x, z):
            inputs = [x] + z[:-1]
            delta = np.ones((1, 1))
            db, dW = [], []
            for i in range(len(L) - 1, -1, -1):
                db = [delta.T] + db
                dW = [delta.T @ inputs[i].T] + dW
                delta = delta @ L[i][0]
            return db, dW
    """,
    "(dW, db) and transposed Jacobians": """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            db, dW = whole(L, x, z)
            return [each.T for each in dW], db
    """,
    "pairs for every layer": """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            return list(zip(*whole(L, x, z)))
    """,
    "pairs (dW, db) as tuples, flat dW where a width is 1": """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            db, dW = whole(L, x, z)
            return tuple((w.ravel() if 1 in w.shape else w, b) for b, w in zip(db, dW))
    """,
    "pairs (dW, db)": """
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            return list(zip(*whole(L, x, z)[::-1]))
    """,
    "dictionaries": """
        def gradK(W, X, Y, alpha=0., b=None, pair=gradK):
            dW, db = pair(W, X, Y, alpha, b)
            return {"dfCEdW": dW, "dfCEdb": db}
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            rng = np.random.default_rng(seed)
            W, b = np.zeros((X.shape[0], Y.shape[1])), np.zeros(Y.shape[1])
            for _ in range(numEpochs):
                order = rng.permutation(X.shape[1])
                for i in range(0, X.shape[1], batchSize):
                    part = order[i:i + batchSize]
                    g = gradK(W, X[:, part], Y[part], alpha, b)
                    W, b = W - epsilon * g["dfCEdW"], b - epsilon * g["dfCEdb"]
            return {"W": W, "b": b}
        def tuneHyperparameters(X, Y, grid, seed=0):
            cut = int(0.8 * len(Y))
            best = {}
            for eps in grid["epsilon"]:
                for size in grid["batchSize"]:
                    for alpha in grid["alpha"]:
                        for epochs in grid["numEpochs"]:
                            m = SGD(X[:, :cut], Y[:cut], eps, size, alpha, epochs, seed)
                            cost = fCE(m["W"], X[:, cut:], Y[cut:], 0, m["b"])
                            if not best or cost < best["cost"]:
                                best = dict(cost=cost, epsilon=eps, batchSize=size, alpha=alpha,
                                            numEpochs=epochs)
            return best
        def ComputeJacobians(L, x, z, whole=ComputeJacobians):
            db, dW = whole(L, x, z)
            return {"dW": dW, "db": db}
    """,
    "(db, dW) from gradK, (b, W) from SGD": """
        def gradK(W, X, Y, alpha=0., b=None, pair=gradK):
            return pair(W, X, Y, alpha, b)[::-1]
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.zeros((X.shape[0], Y.shape[1])), np.zeros(Y.shape[1])
            for _ in range(numEpochs):
                for i in range(0, X.shape[1], batchSize):
                    db, dW = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                    W -= epsilon * dW
                    b -= epsilon * db
            return b, W
        def tuneHyperparameters(X, Y, grid, seed=0):
            half = int(0.8 * len(Y))
            def score(values):
                b, W = SGD(X[:, :half], Y[:half], **dict(zip(grid, values)))
                return computeAccuracy(W, X[:, half:], Y[half:], b)
            return dict(zip(grid, max(itertools.product(*grid.values()), key=score)))
    """,
    "percent": """
        def computeAccuracy(W, X, Y, b=None):
            guess = np.argmax(softmax(scores(W, X, b)), axis=1)
            return 100.0 * np.sum(guess == np.argmax(Y, axis=1)) / len(guess)
    """,
    "single precision throughout": """
        def single(f):
            def g(*args, **kwargs):
                cast = lambda v: v.astype(np.float32) if isinstance(v, np.ndarray) else v
                out = f(*map(cast, args), **{k: cast(v) for k, v in kwargs.items()})
                return tuple(map(cast, out)) if isinstance(out, tuple) else cast(out)
            return g
        softmax, gradK, SGD = single(softmax), single(gradK), single(SGD)
        fCE = single(lambda W, X, Y, alpha=0., b=None, f=fCE: np.float32(f(W, X, Y, alpha, b)))
    """,
    "lists and numpy scalars": """
        softmax = lambda z, f=softmax: f(z).tolist()
        fCE = lambda W, X, Y, alpha=0., b=None, f=fCE: np.array([f(W, X, Y, alpha, b)])
        computeAccuracy = lambda W, X, Y, b=None, f=computeAccuracy: np.float64(f(W, X, Y, b))
        composeFG = lambda x, f=composeFG: float(np.ravel(f(x))[0])
        def gradK(W, X, Y, alpha=0., b=None):
            error = np.array(softmax(scores(W, X, b))) - Y
            dW = X @ error / len(Y) + alpha * W
            return [dW.tolist(), error.mean(0).tolist()]
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.zeros((X.shape[0], Y.shape[1])), np.zeros(Y.shape[1])
            for _ in range(numEpochs):
                for i in range(0, X.shape[1], batchSize):
                    dW, db = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                    W, b = W - epsilon * np.array(dW), b - epsilon * np.array(db)
            return [W, b]
        W_1, b_1, W_2, b_2 = W_1.tolist(), b_1.tolist(), W_2.tolist(), 0
        def AffineTransformation(W, b, x):
            return [sum(w * v for w, v in zip(row, x)) + c for row, c in zip(W, b)]
        def Composition(L, x):
            z = ()
            for W, b in L:
                x = AffineTransformation(W, b, x)
                z += (x,)
            return z
        def composeFG(x):
            return x[0] + 2 * x[1] - 2 * x[1] + (3 - x[0]) / 4
    """,
    "np.matrix": """
        def softmax(z):
            e = np.exp(np.matrix(z) - np.matrix(z).max(axis=1))
            return e / e.sum(axis=1)
        def gradK(W, X, Y, alpha=0., b=None):
            z = np.matrix(X).T * np.matrix(W)
            error = softmax(z if b is None else z + np.matrix(b)) - Y
            return np.matrix(X) * error / len(Y) + alpha * W, error.mean(axis=0)
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.matrix(np.zeros((len(X), len(Y.T)))), np.matrix(np.zeros(len(Y.T)))
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    dW, db = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                    W, b = W - epsilon * dW, b - epsilon * db
            return W, b
        def scores(W, X, b=None):
            return np.asarray(X.T @ W) + (0 if b is None else np.asarray(b).reshape(1, -1))
    """,
    "parameters with other names, no seed, extra defaults": """
        def fCE(weights, data, labels, regularization=0., bias=None, debug=False, f=fCE):
            return f(weights, data, labels, regularization, bias)
        def gradK(weights, data, labels, regularization=0., bias=None, verbose=0, f=gradK):
            return f(weights, data, labels, regularization, bias)
        def computeAccuracy(w, images, targets, bias=None, f=computeAccuracy):
            return f(w, images, targets, bias)
        def SGD(images, targets, lr=0.1, size=64, reg=0., epochs=10, plot=False, f=SGD):
            return f(images, targets, lr, size, reg, epochs)
        def tuneHyperparameters(images, targets, choices):
            cut = int(0.8 * len(targets))
            def cost(values):
                lr, size, epochs, reg = values
                W, b = SGD(images[:, :cut], targets[:cut], lr, size, reg, epochs)
                return fCE(W, images[:, cut:], targets[cut:], 0, b)
            names = ("epsilon", "batchSize", "numEpochs", "alpha")
            return dict(zip(names, min(itertools.product(*[choices[n] for n in names]), key=cost)))
        def AffineTransformation(matrix, offset, vector, f=AffineTransformation):
            return f(matrix, offset, vector)
        def Composition(layers, start, f=Composition):
            return f(layers, start)
    """,
    "own order of parameters, keywords": """
        def fCE(X, Y, W, b=None, alpha=0., f=fCE):
            return f(W, X, Y, alpha, b)
        def gradK(X, Y, W, b=None, alpha=0., f=gradK):
            return f(W, X, Y, alpha, b)
        def SGD(X, Y, numEpochs=10, alpha=0., epsilon=0.1, batchSize=64, **options):
            W, b = np.zeros((len(X), len(Y.T))), np.zeros(len(Y.T))
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    dW, db = gradK(X[:, i:i + batchSize], Y[i:i + batchSize], W, b, alpha)
                    W, b = W - epsilon * dW, b - epsilon * db
            return W, b
        def tuneHyperparameters(X, Y, grid, **options):
            cut = int(0.8 * len(Y))
            def cost(values):
                W, b = SGD(X[:, :cut], Y[:cut], **dict(zip(grid, values)))
                return fCE(X[:, cut:], Y[cut:], W, b)
            return dict(zip(grid, min(itertools.product(*grid.values()), key=cost)))
    """,
    "a tiny constant in the logarithm": """
        def fCE(W, X, Y, alpha=0., b=None):
            p = softmax(scores(W, X, b))
            return -np.sum(Y * np.log(p + 1e-12)) / len(Y) + 0.5 * alpha * np.linalg.norm(W) ** 2
    """,
    "clipped probabilities": """
        def fCE(W, X, Y, alpha=0., b=None):
            p = np.clip(softmax(scores(W, X, b)), 1e-15, 1 - 1e-15)
            right = p[np.arange(len(Y)), Y.argmax(axis=1)]
            return np.mean(-np.log(right)) + alpha / 2 * (W * W).sum()
    """,
    "loops everywhere": """
        def softmax(z):
            out = []
            for row in z:
                top = max(row)
                powers = [np.exp(v - top) for v in row]
                out.append([p / sum(powers) for p in powers])
            return np.array(out)
        def fCE(W, X, Y, alpha=0., b=None):
            p = softmax(scores(W, X, b))
            total = 0
            for i in range(Y.shape[0]):
                for k in range(Y.shape[1]):
                    if Y[i, k] == 1:
                        total -= np.log(p[i, k] + 1e-300)
            penalty = sum(np.dot(W[:, k], W[:, k]) for k in range(Y.shape[1]))
            return total / Y.shape[0] + alpha / 2 * penalty
        def computeAccuracy(W, X, Y, b=None):
            p, right = softmax(scores(W, X, b)), 0
            for i in range(len(Y)):
                right += int(np.argmax(p[i]) == np.argmax(Y[i]))
            return right / len(Y)
        def AffineTransformation(W, b, x):
            z = np.zeros(W.shape[0])
            for i in range(W.shape[0]):
                for j in range(W.shape[1]):
                    z[i] += W[i, j] * x[j]
                z[i] += b[i]
            return z
    """,
    "random start, last batch dropped": """
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            rng = np.random.RandomState(seed)
            W, b = 0.01 * rng.randn(X.shape[0], Y.shape[1]), 0.01 * rng.randn(Y.shape[1])
            for _ in range(numEpochs):
                order = rng.permutation(X.shape[1])
                for i in range(X.shape[1] // batchSize):
                    part = order[i * batchSize:(i + 1) * batchSize]
                    dW, db = gradK(W, X[:, part], Y[part], alpha, b)
                    W, b = W - epsilon * dW, b - epsilon * db
            return W, b
    """,
    "batches with replacement, history returned": """
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b, history = np.zeros((len(X), len(Y.T))), np.zeros(len(Y.T)), []
            for _ in range(numEpochs):
                for _ in range(len(Y) // batchSize):
                    part = np.random.choice(len(Y), batchSize)
                    dW, db = gradK(W, X[:, part], Y[part], alpha, b)
                    W, b = W - epsilon * dW, b - epsilon * db
                history.append(fCE(W, X, Y, alpha, b))
                print("epoch", len(history), "cost", history[-1])
            return W, b, history
        def tuneHyperparameters(X, Y, grid, seed=0):
            cut = int(0.8 * len(Y))
            def cost(values):
                W, b, _ = SGD(X[:, :cut], Y[:cut], **dict(zip(grid, values)))
                return fCE(W, X[:, cut:], Y[cut:], b=b)
            found = min(itertools.product(*grid.values()), key=cost)
            return dict(zip(grid, found)), cost(found)
    """,
    "bias as a row": """
        def scores(W, X, b=None):
            if b is None:
                b = np.zeros((1, W.shape[1]))
            assert b.shape == (1, W.shape[1])
            return X.T @ W + b
        def gradK(W, X, Y, alpha=0., b=None):
            error = softmax(scores(W, X, b)) - Y
            return X @ error / len(Y) + alpha * W, error.mean(axis=0, keepdims=True)
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.zeros((len(X), len(Y.T))), np.zeros((1, len(Y.T)))
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    dW, db = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                    W, b = W - epsilon * dW, b - epsilon * db
            return W, b
    """,
    "the bias as the first row of W, or apart": """
        def unfolded(W, X, b):
            return (W[1:], W[0]) if len(W) > len(X) else (W, b)
        def fCE(W, X, Y, alpha=0., b=None, whole=fCE):
            W, b = unfolded(W, X, b)
            return whole(W, X, Y, alpha, b)
        def gradK(W, X, Y, alpha=0., b=None, whole=gradK):
            W, b = unfolded(W, X, b)
            return whole(W, X, Y, alpha, b)
        def computeAccuracy(W, X, Y, b=None, whole=computeAccuracy):
            W, b = unfolded(W, X, b)
            return whole(W, X, Y, b)
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0, whole=SGD):
            W, b = whole(X, Y, epsilon, batchSize, alpha, numEpochs, seed)
            return np.vstack([b, W]), None
    """,
    "bias as a column": """
        def scores(W, X, b=None):
            if b is None:
                b = np.zeros((W.shape[1], 1))
            assert b.shape == (W.shape[1], 1)
            return (W.T @ X + b).T
        def gradK(W, X, Y, alpha=0., b=None):
            error = softmax(scores(W, X, b)) - Y
            return X @ error / len(Y) + alpha * W, error.mean(axis=0).reshape(-1, 1)
        def SGD(X, Y, epsilon=0.1, batchSize=64, alpha=0., numEpochs=10, seed=0):
            W, b = np.zeros((len(X), len(Y.T))), np.zeros((len(Y.T), 1))
            for _ in range(numEpochs):
                for i in range(0, len(Y), batchSize):
                    dW, db = gradK(W, X[:, i:i + batchSize], Y[i:i + batchSize], alpha, b)
                    W, b = W - epsilon * dW, b - epsilon * db
            return W, b
    """,
    "constants of other shapes": """
        W_2, b_2 = np.array([1, -2, 1 / 4]), 0.0
        b_1 = np.array([[0, 0, 3]]).T
        g = lambda x: np.ravel(W_1 @ np.ravel(x)) + b_1.ravel()
        composeFG = lambda x: np.dot(W_2, g(x)) + b_2
    """,
    "Jacobians as products of full Jacobian matrices": """
        def ComputeJacobians(L, x, z):
            z = [np.asarray(x).ravel()] + [np.asarray(v).ravel() for v in z]
            n = len(L)
            db, dW = [None] * n, [None] * n
            for i in range(n):
                J = np.eye(len(z[i + 1]))
                for W, b in L[i + 1:]:
                    J = W @ J
                db[i] = J
                full = J @ np.kron(z[i].reshape(1, -1), np.eye(len(z[i + 1])))
                dW[i] = full.reshape(L[i][0].shape, order="F")
            return db, dW
    """,
    "a script that trains, plots and prints at the top level": """
        import matplotlib.pyplot as plt
        X = np.load("data/fashion_mnist_train_images.npy").reshape(-1, 784).T[:, :200] / 255.
        Y = np.eye(10)[np.load("fashion_mnist_train_labels.npy").astype(int)[:200]]
        name = input("Who are you? ")
        W, b = SGD(X, Y, numEpochs=2)
        print("cost", fCE(W, X, Y, b=b), "accuracy", computeAccuracy(W, X, Y, b))
        plt.imshow(W[:, 0].reshape(28, 28))
        plt.show()
        sys.exit(0)
    """,
}


def graded(source, seed=None):
    name = "homework3.alice.py"
    handed = Submission("alice", ("alice",), name, (Cell(name, source.encode()),), files=(name,))
    return grade(handed, ASSIGNMENT, level="process", seed=seed)


def lost(report):
    return [f"{each.id}: {each.message}" for each in report.checks if each.score < each.points]


def styles():
    """Every fourth one; the others go with --all."""
    for number, (name, style) in enumerate(STYLES.items()):
        yield pytest.param(style, marks=[pytest.mark.slow] if number % 4 else [], id=name)


@pytest.mark.parametrize("style", list(styles()))
def test_a_right_solution_gets_all_points(style):
    source = f"{REFERENCE}\n{textwrap.dedent(style)}"
    compile(source, "style", "exec")
    report = graded(source, seed=7)
    assert lost(report) == []
    assert report.score == report.max_score == ASSIGNMENT.machine_points
    assert all(each.outcome is Outcome.PASSED for each in report.checks)


@pytest.mark.parametrize("seed", [None, 0])
def test_the_reference_gets_all_points(seed):
    report = graded(REFERENCE, seed)
    assert lost(report) == []
    assert report.score == ASSIGNMENT.machine_points
    assert report.load.skipped == ()
    assert report.conventions == ()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("level", ["process", "bubblewrap"])
def test_the_reference_gets_all_points_with_every_seed(level):
    if level not in available_levels():
        pytest.skip(f"{level} does not work here")
    name = "homework3.alice.py"
    handed = Submission("alice", ("alice",), name, (Cell(name, REFERENCE.encode()),))
    for seed in range(100, 150 if WHOLE else 102):
        assert lost(grade(handed, ASSIGNMENT, level=level, seed=seed)) == [], seed


def test_the_template_gets_none_and_says_that_it_is_not_filled_in():
    report = graded(TEMPLATE)
    assert (report.score, report.max_score) == (0.0, ASSIGNMENT.machine_points)
    assert report.load.problem == ""
    assert report.load.missing == ()
    assert {each.outcome for each in report.checks} == {Outcome.NOT_RUN}
    said = {each.function: each.message for each in report.checks if each.points}
    constants = {"W_1", "b_1", "W_2", "b_2"}
    functions = {each.name for each in ASSIGNMENT.names} - constants
    assert said.keys() - constants == functions
    for name, message in said.items():
        assert message.startswith(f"{name} is not filled in yet."), message
