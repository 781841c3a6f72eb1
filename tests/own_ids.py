"""Ids of submissions that no folder of results notes."""

from dataclasses import replace

from autograder.model.identity import identity_of, own_ids
from autograder.resume import _owners_in, _with_id


def with_own_ids(submissions, out=None):
    """Give every submission an id of its own; `own_ids` says how ids that `out` has are kept."""
    given = [
        replace(each, identity=identity_of(each.id, each.provenance, each.content))
        for each in submissions
    ]
    ids = own_ids([each.identity for each in given], _owners_in(out))
    return [_with_id(each, id) for each, id in zip(given, ids, strict=True)]
