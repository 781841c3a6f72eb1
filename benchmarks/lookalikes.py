"""How well copies are told from independent solutions, and how long a class takes.

    python benchmarks/lookalikes.py [--classes 5] [--students 200] [--sizes 200 1000 2000]

For each of several generated classes (fixtures/lookalikes/generate.py): the least alike of ten
copies, and the two independent solutions that are most alike. Then the same for copies that were
changed further, in the ways that are named. Then the time for classes of several sizes.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures" / "lookalikes"))

from generate import copied, make_class, solution

from autograder.assignment import load_assignment
from autograder.lookalikes.comparing import alike_pairs, trace
from autograder.lookalikes.statements import statements


class Longer(ast.NodeTransformer):
    """Writes some statements in another way: `x += y` as `x = x + y`, a result named first."""

    def __init__(self, rng: random.Random, share: float) -> None:
        self.rng, self.share = rng, share

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if self.rng.random() > self.share or not isinstance(node.target, ast.Name):
            return node
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        return ast.Assign([node.target], value)

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.stmt]:
        if self.rng.random() > self.share or node.value is None:
            return node
        name = ast.Name("finalAnswer", ast.Store())
        return [ast.Assign([name], node.value), ast.Return(ast.Name("finalAnswer", ast.Load()))]

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        if self.rng.random() > self.share:
            return node
        return [node, ast.parse("print('here', len(str(0)))").body[0]]


def rewritten(text: str, rng: random.Random, share: float) -> str:
    tree = ast.fix_missing_locations(Longer(rng, share).visit(ast.parse(copied(text, rng))))
    return ast.unparse(tree)


def partly_own(text: str, rng: random.Random, count: int | None = None) -> str:
    """Return a copy of `count` functions, or of half of them; the others are the copier's own."""
    tree, own = ast.parse(copied(text, rng)), ast.parse(solution(rng))
    theirs = {each.name: each for each in own.body if isinstance(each, ast.FunctionDef)}
    shared = [e for e in tree.body if isinstance(e, ast.FunctionDef) and e.name in theirs]
    left = len(shared) // 2 if count is None else max(0, len(shared) - count)
    for each in rng.sample(shared, left):
        tree.body[tree.body.index(each)] = theirs[each.name]
    return ast.unparse(ast.fix_missing_locations(tree))


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "names, order, layout, comments": copied,
    "and 10 % of the statements rewritten": lambda text, rng: rewritten(text, rng, 0.1),
    "and 30 % of the statements rewritten": lambda text, rng: rewritten(text, rng, 0.3),
    "and a quarter as much code that does nothing": lambda text, rng: (
        copied(text, rng) + "\n\n" + "\n\n".join(solution(rng).split("\n\n\n")[2:5])
    ),
    "six functions copied, the others their own": lambda text, rng: partly_own(text, rng, 6),
    "half of the functions copied, half their own": partly_own,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--classes", type=int, default=5)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 1000, 2000])
    options = parser.parse_args()
    assignment = load_assignment()
    rules = assignment.lookalikes
    required = frozenset(name.name for name in assignment.names)
    given = trace(
        [s for path in rules.given for s in statements(path.read_text("utf-8"), required)]
    )
    print(f"threshold {rules.threshold:g}")
    print(f"{'disguise':46} {'least alike_pairs':>11} {'found':>8}   most alike of others")
    for name, disguise in DISGUISES.items():
        least, most, found, planted = 1.0, 0.0, 0, 0
        for seed in range(options.classes):
            texts, _ = make_class(options.students, 0, seed)
            rng = random.Random(seed)
            for number, source in enumerate(rng.sample(sorted(texts), 10)):
                texts[f"copy{number} {source}"] = disguise(texts[source], rng)
            ids = sorted(texts)
            read = [trace(statements(texts[id], required), given) for id in ids]
            copies = dict.fromkeys((id for id in ids if id.startswith("copy")), 0.0)
            for pair in alike_pairs(read, 0.05):
                a, b = ids[pair.a], ids[pair.b]
                if a.partition(" ")[2] == b:
                    copies[a] = pair.similarity
                else:
                    most = max(most, pair.similarity)
            least = min(least, *copies.values())
            planted += len(copies)
            found += sum(each >= rules.threshold for each in copies.values())
        print(f"{name:46} {least:11.2f} {found:4}/{planted:<3}   {most:.2f}", flush=True)
    print(f"\n{'students':>8} {'reading':>9} {'comparing':>10} {'each':>9}")
    for size in options.sizes:
        texts, _ = make_class(size, 0, 1)
        start = time.perf_counter()
        read = [trace(statements(text, required), given) for text in texts.values()]
        middle = time.perf_counter()
        list(alike_pairs(read, rules.threshold))
        end = time.perf_counter()
        each = 1000 * (end - start) / size
        print(f"{size:8} {middle - start:7.1f} s {end - middle:8.1f} s {each:6.1f} ms", flush=True)


if __name__ == "__main__":
    main()
