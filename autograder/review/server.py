"""The server: which address gives what, on Starlette; everything behind the gate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.errors import ExpectedError
from autograder.review.grades import ConflictError
from autograder.review.room import Room
from autograder.review.security import Gate

_HERE = Path(__file__).parent
_MAX_BODY = 1 << 20
_KINDS = {".js": "text/javascript", ".css": "text/css"}
_NO_STORE = {"Cache-Control": "no-store"}

# A request's values and its grader -> what is answered.
_Answer = Callable[[Mapping[str, Any], str], dict[str, Any]]


def make_app(room: Room, graders: Sequence[str], host: str) -> Gate:
    """Return the server of a room for these graders, listening at `host`."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    routes = [Route("/", _page_of(room)), Route("/asset/{name}", _asset)]
    routes.append(Route("/favicon.ico", _nothing))
    routes.append(Route("/picture/{key}/{number:int}", _picture_of(room)))
    routes += [Route(f"/api/{name}", _read(answer)) for name, answer in _readers(room).items()]
    routes += [
        Route(f"/api/{name}", _written(room, answer), methods=["POST"])
        for name, answer in _writers(room).items()
    ]
    return Gate(Starlette(routes=routes), graders, room.grades.meta("secret"), host)


def _readers(room: Room) -> dict[str, _Answer]:
    """Return what is only read, by name."""
    return {
        "start": lambda values, grader: room.start(grader),
        "show": lambda values, grader: room.show(room.asked(_numbered(values), grader)),
        "part": lambda values, grader: room.part(room.asked(_numbered(values), grader).part),
        "code": lambda values, grader: room.code(room.asked(_numbered(values), grader).work),
        "sharp": lambda values, grader: room.sharp(room.asked(_numbered(values), grader).work),
        "machine": lambda values, grader: room.machine(room.asked(_numbered(values), grader).work),
        "log": lambda values, grader: room.log(room.asked(_numbered(values), grader)),
        "comments": lambda values, grader: room.comments(str(values.get("part", ""))),
        "progress": lambda values, grader: room.progress(),
        "agreement": lambda values, grader: room.agreement(),
    }


def _writers(room: Room) -> dict[str, _Answer]:
    """Return what changes something, by name."""
    return {
        "enter": lambda v, grader: room.enter(str(v.get("part")), str(v.get("key")), grader),
        "next": lambda v, grader: room.next(room.asked(v, grader), v.get("flagged") is True),
        "arrive": lambda v, grader: room.arrive(room.asked(v, grader)),
        "beside": lambda v, grader: room.beside(room.asked(v, grader), 1 if v["step"] == 1 else -1),
        "grade": lambda v, grader: room.set_grade(room.asked(v, grader), v),
        "undo": lambda v, grader: room.undo(grader, str(v.get("id"))),
        "item": room.set_item,
        "scoring": room.set_scoring,
        "group": lambda v, grader: room.grade_group(room.asked(v, grader), v),
        "override": room.override,
        "settings": lambda v, grader: room.settings(v),
        "release": lambda v, grader: room.release(v.get("released") is True),
    }


def _numbered(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an address, in which all is text, with the reading as a number."""
    return {**values, "reading": 1 if values.get("reading") == "1" else 0}


def _page_of(room: Room) -> Any:
    from starlette.responses import Response

    text = _rendered(title=room.assignment.title)

    async def page(request: Any) -> Response:
        return Response(text, media_type="text/html", headers=_NO_STORE)

    return page


def _rendered(**values: str) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("review.html").render(values)


async def _nothing(request: Any) -> Any:
    from starlette.responses import Response

    return Response(status_code=204)


async def _asset(request: Any) -> Any:
    from starlette.responses import Response

    name = request.path_params["name"]
    if name not in ("review.js", "review.css"):
        return Response("There is no such file.", 404, media_type="text/plain")
    data = (_HERE / "assets" / name).read_bytes()
    if name == "review.css":
        data = (_HERE.parent / "render/html/assets/base.css").read_bytes() + data
    return Response(
        data, media_type=_KINDS[Path(name).suffix], headers={"Cache-Control": "no-cache"}
    )


def _picture_of(room: Room) -> Any:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response

    async def picture(request: Any) -> Response:
        work = room.works.get(request.path_params["key"])
        number = request.path_params["number"]
        data = None
        if work is not None and 1 <= number <= work.pages():
            sharp = request.query_params.get("sharp") == "1"
            data = await run_in_threadpool(room.pictures.picture, work, number, sharp)
        if data is None:
            return Response("There is no picture of this page.", 404, media_type="text/plain")
        # The address has the hash of the PDF in it.
        headers = {"Cache-Control": "private, max-age=86400"}
        return Response(data, media_type="image/png", headers=headers)

    return picture


def _read(answer: _Answer) -> Any:
    from starlette.concurrency import run_in_threadpool

    async def endpoint(request: Any) -> Any:
        values = dict(request.query_params)
        return await run_in_threadpool(_answered, answer, values, request.scope["grader"])

    return endpoint


def _written(room: Room, answer: _Answer) -> Any:
    from starlette.concurrency import run_in_threadpool

    async def endpoint(request: Any) -> Any:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > _MAX_BODY:
                return _json({"error": "That is too much at once; nothing is saved."}, 413)
        values = _object_in(bytes(body))
        if values is None:
            return _json({"error": "The page sent something that is not JSON."}, 400)
        return await run_in_threadpool(_answered, answer, values, request.scope["grader"])

    return endpoint


def _object_in(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _answered(answer: _Answer, values: Mapping[str, Any], grader: str) -> Any:
    """Answer, or say why not: 409 where somebody else was first, 422 for what can't be."""
    try:
        return _json(answer(values, grader))
    except ConflictError as error:
        return _json({"error": str(error)}, 409)
    except (ExpectedError, KeyError, TypeError) as error:
        text = str(error) if isinstance(error, ExpectedError) else "Something is missing."
        return _json({"error": text}, 422)


def _json(value: Mapping[str, Any], status: int = 200) -> Any:
    from starlette.responses import JSONResponse

    return JSONResponse(value, status, headers=_NO_STORE)
