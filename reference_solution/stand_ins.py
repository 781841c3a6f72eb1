"""Stand-ins that take and return what the student's own functions do.

They win over the reference's functions of the same name. FORM says what is known of the student's
own: it is empty here, and filled in before a stand-in is used.
"""

import numpy as np

# "fCE takes": published names of its parameters, in the order of the student's own ("W=w X=x");
# "fCE X": "n × m" where X is turned over; "fCE W": "c × m" where W is; "bias row": "first" or
# "last"; "ones": "yes" where X has the row of ones already; "db": the shape of db, "(c, 1)" or
# "(1, c)"; "gradK returns": how many items, and which of them hold W (or the number) and b (-1 for
# none), or the keys of a dict.
FORM = {}
ARGUMENTS = {
    "fCE": "W X Y alpha b",
    "gradK": "W X Y alpha b",
    "computeAccuracy": "W X Y b",
    "SGD": "X Y epsilon batchSize alpha numEpochs seed",
}


def given(name, args, kwargs):
    """Return the arguments of a call by their published names."""
    usual = " ".join(f"{each}={each}" for each in ARGUMENTS[name].split())
    pairs = [each.split("=") for each in FORM.get(f"{name} takes", usual).split()]
    own = {mine: published for published, mine in pairs}
    values = {published: value for (published, _), value in zip(pairs, args)}
    values |= {own.get(key, key): value for key, value in kwargs.items()}
    if FORM.get(f"{name} X") == "n × m":
        values["X"] = np.asarray(values["X"]).T
    if "W" in values:
        values["W"] = sideways(name, np.asarray(values["W"]))
    return values


def sideways(name, W):
    """Return W turned over, from the student's own to (m, c) or back, where it is c × m."""
    return W.T if FORM.get(f"{name} W") == "c × m" else W


def returned(name, first, second):
    """Return two values in the container that the student's own function returns."""
    form = FORM.get(f"{name} returns", (2, 0, 1))
    if isinstance(form[0], str):
        return {form[0]: first, form[1]: second}
    count, place, other = form
    if count == 1:
        return first
    items = [0.0] * count
    items[place] = first
    if other >= 0:
        items[other] = second
    return tuple(items)


def unfolded(W, X, b):
    """Return W and b, with b taken out of W where it is a row of it."""
    if len(W) == len(X) + 1:
        first = FORM.get("bias row") == "first"
        return (W[1:], W[0]) if first else (W[:-1], W[-1])
    return W, b


def folded(W, b):
    """Return W with b as a row of it, where the student's own is so."""
    return np.vstack([b, W] if FORM.get("bias row") == "first" else [W, b])


def weightsOnly(W, b):
    """Return W with zeros in the row of the bias, if W has one: what is regularised."""
    if FORM.get("ones") != "yes" or b is not None:
        return W
    W = np.array(W, dtype=float)
    W[0 if FORM.get("bias row") == "first" else -1] = 0.0
    return W


def fCE(*args, **kwargs):
    """Return the regularised cross-entropy."""
    values = given("fCE", args, kwargs)
    W, b = unfolded(values["W"], values["X"], values.get("b"))
    logs = logSoftmax(scores(W, values["X"], b))  # noqa: F821 (both are the reference's)
    penalty = values.get("alpha", 0.0) / 2 * np.sum(weightsOnly(W, b) ** 2)
    cost = float(penalty - np.mean(np.sum(values["Y"] * logs, axis=1)))
    return returned("fCE", cost, np.exp(logs)) if "fCE returns" in FORM else cost


def gradK(*args, **kwargs):
    """Return the gradients of fCE as two arrays; one array where b is a row of W."""
    values = given("gradK", args, kwargs)
    X, Y = values["X"], values["Y"]
    W, b = unfolded(values["W"], X, values.get("b"))
    error = softmax(scores(W, X, b)) - Y  # noqa: F821 (both are the reference's)
    dW = X @ error / X.shape[1] + values.get("alpha", 0.0) * weightsOnly(W, b)
    if len(W) < len(values["W"]):
        return sideways("gradK", folded(dW, error.mean(axis=0)))
    dW = sideways("gradK", dW)
    if FORM.get("ones") == "yes" and b is None:
        return dW
    shapes = {"(c, 1)": (-1, 1), "(1, c)": (1, -1)}
    shape = shapes.get(FORM.get("db"), (-1,)) if b is None else np.shape(b)
    return returned("gradK", dW, error.mean(axis=0).reshape(shape))


def computeAccuracy(*args, **kwargs):
    """Return the fraction of examples whose most probable class is the right one."""
    values = given("computeAccuracy", args, kwargs)
    W, b = unfolded(values["W"], values["X"], values.get("b"))
    best = scores(W, values["X"], b).argmax(axis=1)  # noqa: F821 (the reference's)
    share = float(np.mean(best == values["Y"].argmax(axis=1)))
    return returned("computeAccuracy", share, best) if "computeAccuracy returns" in FORM else share


def SGD(*args, **kwargs):
    """Minimise fCE by stochastic gradient descent; return W and b as the student's own does."""
    values = {"epsilon": 0.1, "batchSize": 64, "alpha": 0.0, "numEpochs": 10, "seed": 0}
    values |= given("SGD", args, kwargs)
    X, Y, n = values["X"], values["Y"], values["X"].shape[1]
    rng = np.random.default_rng(values["seed"])
    W, b = np.zeros((X.shape[0], Y.shape[1])), np.zeros(Y.shape[1])
    for _ in range(values["numEpochs"]):
        order = rng.permutation(n)
        for start in range(0, n, values["batchSize"]):
            batch = order[start : start + values["batchSize"]]
            error = softmax(scores(W, X[:, batch], b)) - Y[batch]  # noqa: F821
            dW = X[:, batch] @ error / len(batch) + values["alpha"] * W
            W, b = W - values["epsilon"] * dW, b - values["epsilon"] * error.mean(axis=0)
    if FORM.get("bias row"):
        return sideways("SGD", folded(W, b))
    W = sideways("SGD", W)
    shapes = {"(c, 1)": (-1, 1), "(1, c)": (1, -1)}
    return returned("SGD", W, b.reshape(shapes.get(FORM.get("db"), (-1,))))
