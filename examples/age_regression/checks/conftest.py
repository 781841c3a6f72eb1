from autograder.author import mistake, reference

c, g, sgd = reference.fMSE, reference.gradfMSE, reference.SGD

for wrong in (
    ("mse-sum", lambda w, X, y, a=0: len(y) * c(w, X, y, a / len(y)), "fMSE lacks the mean."),
    ("mse-no-half", lambda w, X, y, a=0: 2 * c(w, X, y, a / 2), "fMSE lacks the 1/2 of part 1."),
    ("mse-root", lambda w, X, y: (2 * c(w, X, y)) ** 0.5, "fMSE takes a root; part 1 does not."),
    ("mse-alpha-missing", lambda w, X, y, a=0: c(w, X, y), "fMSE does not change with alpha."),
    ("mse-alpha-no-half", lambda w, X, y, a=0: c(w, X, y, 2 * a), "Part 1 has alpha/2, not alpha."),
):
    mistake("fMSE", *wrong)
for wrong in (
    ("grad-sum", lambda w, X, y, a=0: len(y) * g(w, X, y, a / len(y)), "It lacks the mean over n."),
    ("grad-doubled", lambda w, X, y, a=0: 2 * g(w, X, y, a / 2), "It has a 2 that cancels 1/2."),
    ("grad-sign", lambda w, X, y, a=0: -g(w, X, y, a), "gradfMSE has the opposite sign."),
    ("grad-alpha-missing", lambda w, X, y, a=0: g(w, X, y), "It does not change with alpha."),
    ("grad-alpha-doubled", lambda w, X, y, a=0: g(w, X, y, 2 * a), "alpha/2 w² has one alpha w."),
):
    mistake("gradfMSE", *wrong)
mistake("SGD", "sgd-uphill", lambda X, y, e, *s: sgd(X, y, -e, *s), "SGD steps uphill.")
mistake("SGD", "sgd-one-epoch", lambda X, y, e, b, k, a: sgd(X, y, e, b, 1, a), "One epoch only.")
for wrong in (
    ("closed-n", lambda X, y, a=0: reference.closedForm(X, y, a / len(y)), "alpha lacks an n."),
    ("closed-alpha", lambda X, y, a=0: reference.closedForm(X, y), "alpha is not used."),
):
    mistake("closedForm", *wrong)
