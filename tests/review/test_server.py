"""The server: who is let in, what is refused, and that nothing of a student's does anything."""

from __future__ import annotations

import asyncio
import json
from html.parser import HTMLParser

import pytest

from autograder.review.room import Room
from autograder.review.security import Gate, is_loopback
from autograder.review.server import make_app
from autograder.store.results import Results
from tests.review.asking import Client
from tests.review.folders import put, tiny_assignment


@pytest.fixture
def out(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def room(tmp_path, out):
    assignment = tiny_assignment(tmp_path / "tiny")
    for id in ("alice", "bob", "carol"):
        put(out, id, assignment.hand)
    opened = Room(out, assignment, "")
    yield opened
    opened.close()


@pytest.fixture
def gate(room):
    return make_app(room, ["ann", "ben"], "127.0.0.1")


@pytest.fixture
def client(gate):
    made = Client(gate)
    made.enter("ann")
    return made


def events(room):
    return len(room.grades.log())


def test_the_address_gives_a_cookie_that_scripts_and_other_sites_do_not_get(gate):
    client = Client(gate)
    assert client.get("/")[0] == 403
    status, headers, _ = client.get(f"/enter/{gate.tokens['ann']}")
    assert status == 200
    assert {"HttpOnly", "SameSite=Strict"} <= set(headers["set-cookie"].split("; "))
    client.enter("ann")
    assert client.json("/api/start")["grader"] == "ann"


def test_a_cookie_holds_over_a_restart_and_an_address_does_not(room, gate, client):
    again = make_app(room, ["ann", "ben"], "127.0.0.1")
    assert again.tokens["ann"] != gate.tokens["ann"]
    old = Client(again)
    assert old.get(f"/enter/{gate.tokens['ann']}")[0] == 403
    old.cookie = client.cookie
    assert old.json("/api/start")["grader"] == "ann"


def test_a_token_tried_10_000_times_opens_nothing_and_locks_nobody_out(room, gate):
    client = Client(gate)

    async def tries():
        statuses = set()
        for number in range(10_000):
            token = f"{gate.tokens['ann'][:-5]}{number:05}"
            status, headers, _ = await client.asked("GET", f"/enter/{token}", b"", {})
            statuses.add((status, "set-cookie" in headers))
        return statuses

    assert asyncio.run(tries()) == {(403, False)}
    client.enter("ann")
    assert client.get("/")[0] == 200
    assert events(room) == 0


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "evil.example:8470", "localhost.evil:8470"),
        *("127.0.0.1@evil.example", "evil.example#127.0.0.1", "", "127.0.0.1:port", "192.168.0.7"),
        *("[::1", "127.0.0.1\\.evil", "127.0.0.1, evil.example", "0.0.0.0"),
    ],
)
def test_a_forged_host_is_refused(room, client, host):
    assert client.get("/", host=host)[0] == 403
    status, _ = client.post("/api/undo", {"id": "1"}, host=host, origin=f"http://{host}")
    assert status == 403
    assert events(room) == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9000", "[::1]:8470", "127.0.0.1:1"])
def test_a_tunnel_may_have_another_port(client, host):
    assert client.get("/", host=host)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        *(
            {"origin": each}
            for each in ("null", "", "http://evil.example", "https://127.0.0.1:8470")
        ),
        *({"origin": each} for each in ("http://127.0.0.1:8471", "http://localhost:8470")),
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_request_that_a_page_of_others_sent_changes_nothing(room, client, headers):
    [work] = [each for each in room.works.values() if each.id == "alice"]
    asked = {
        "id": "1",
        "key": work.key,
        "part": "2",
        "version": 0,
        "page": 1,
        "set": {"done": True},
    }
    assert client.post("/api/grade", asked, **headers)[0] == 403
    assert events(room) == 0
    assert client.post("/api/grade", asked)[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(client, method):
    assert client.send(method, "/api/grade", b"", {"origin": "http://127.0.0.1:8470"})[0] == 403


def test_a_forged_cookie_is_nobody_s(room, gate, client):
    name, _, value = client.cookie.partition("=")
    grader, _, mark = value.partition(".")
    stranger = Client(gate)
    ben = Client(gate)
    ben.enter("ben")
    bens = ben.cookie.partition("=")[2].partition(".")[0]
    forged = [
        *("", name, f"{name}=", f"{name}=.", f"{name}={grader}", f"{name}={grader}."),
        *(f"{name}={bens}.{mark}", f"{name}={grader}.{mark[:-1]}", f"{name}={grader}.{mark}0"),
        *(f"other={value}", f"{name}=AAAA.{mark}", f"{name}=\x80.{mark}", "=" * 5000),
    ]
    for cookie in forged:
        stranger.cookie = cookie
        assert stranger.get("/api/start")[0] == 403, cookie
        assert stranger.post("/api/undo", {"id": "1"})[0] == 403
    # A grader of before who is no grader now is a stranger.
    later = Client(make_app(room, ["ben"], "127.0.0.1"))
    later.cookie = client.cookie
    assert later.get("/")[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        *("/../../etc/passwd", "/asset/../server.py", "/asset/..%2fserver.py", "/asset/server.py"),
        *("/picture/../../x/1", "/picture/alice/1", "/picture/%2e%2e/1", "/grades.sqlite3"),
        *("/api/nothing", "/api/show", "/api/show?key=alice&part=2", "//evil", "/asset/review.js/"),
    ],
)
def test_a_forged_path_leads_nowhere(client, path):
    status, _, body = client.get(path)
    # Starlette leads "/x/" to "/x"; nothing of the system or the folder comes with it.
    assert status in (307, 404, 422), body
    assert b"root:" not in body and b"import" not in body


def test_a_picture_is_given_of_pages_that_are_there(room, client):
    key = next(iter(room.works))
    assert client.get(f"/picture/{key}/1")[1]["content-type"] == "image/png"
    for number in ("0", "3", "99999999999999999999", "-1", "1.5"):
        assert client.get(f"/picture/{key}/{number}")[0] == 404


def test_every_answer_has_the_policy(client):
    for path in ("/", "/asset/review.js", "/api/start", "/nothing", "/enter/x"):
        _, headers, _ = client.get(path)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"[" * 100_000, b"\xff\xfe", b"{}", b'{"id": 1}']
)
def test_a_body_that_is_none_is_refused_in_a_sentence(room, client, body):
    headers = {"origin": "http://127.0.0.1:8470", "content_type": "application/json"}
    for path in ("grade", "next", "item", "group", "settings", "scoring", "beside"):
        status, _, answer = client.send("POST", f"/api/{path}", body, headers)
        if path == "settings" and body in (b"{}", b'{"id": 1}'):
            continue
        assert status in (400, 422), (path, answer)
        assert json.loads(answer)["error"]
    assert events(room) == 0


def test_a_body_without_end_is_cut_off(room, client):
    status, answer = client.post("/api/grade", {"set": "x" * (1 << 20)})
    assert status == 413 and "nothing is saved" in answer["error"]


class Seen(HTMLParser):
    """What a browser would find in a piece of HTML."""

    def __init__(self):
        super().__init__()
        self.tags, self.names, self.links = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name == "href"]


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) ![y](http://evil.example/y.png)",
    "$\\href{javascript:alert(1)}{x} \\text{<script>alert(1)</script>}$",
    '=HYPERLINK("http://evil.example")',
    "\u202e\x00\x1b[2J\ud800 {{ 7 * 7 }} {% raw %}",
    "&lt;script&gt; <svg/onload=alert(1)> </textarea><iframe src=//evil.example>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_comment_is_text(room, client, text):
    key = next(iter(room.works))
    asked = {"id": "1", "key": key, "part": "2", "version": 0, "page": 1, "set": {"comment": text}}
    status, shown = client.post("/api/grade", asked)
    assert status == 200
    seen = Seen()
    seen.feed(shown["grade"]["html"])
    assert seen.tags <= {"p", "a", "br", "span", "math", "mrow", "mi", "mo", "mtext", "code"}
    assert seen.names <= {"class", "display", "href", "stretchy", "mathvariant"}
    assert all(each.startswith("http:") for each in seen.links)
    assert client.json("/api/comments?part=2")["comments"] == [shown["grade"]["comment"]]


def test_a_comment_of_100_000_characters_is_refused_and_nothing_changes(room, client):
    key = next(iter(room.works))
    change = {"comment": "x" * 100_000}
    asked = {"id": "1", "key": key, "part": "2", "version": 0, "page": 1, "set": change}
    status, answer = client.post("/api/grade", asked)
    assert status == 422 and "at most 10,000 characters" in answer["error"]
    assert events(room) == 0


def test_hostile_names_and_pdfs_are_text(tmp_path, out):
    assignment = tiny_assignment(tmp_path / "tiny2")
    name = "<script>alert(1)</script>\u202e\x1b[2J=cmd()"
    put(out, "eve", assignment.hand, name=name, code="x = '</script><script>alert(1)</script>'\n")
    room = Room(out, assignment, "")
    client = Client(make_app(room, ["ann"], "127.0.0.1"))
    client.enter("ann")
    [key] = room.works
    for path in (f"show?key={key}&part=2", f"code?key={key}&part=2", f"machine?key={key}&part=2"):
        status, headers, body = client.get(f"/api/{path}")
        assert (status, headers["content-type"]) == (200, "application/json")
        assert b"\x1b" not in body and "\u202e".encode() not in body
    room.close()


def test_without_names_nothing_says_whose_it_is(tmp_path, out):
    assignment = tiny_assignment(tmp_path / "tiny3")
    code = "# by zoejones, Zoë Jones\ndef double(x):\n    return 2 * x\n"
    put(out, "zoejones", assignment.hand, name="Zoë Jones", code=code)
    room = Room(out, assignment, "", anonymous=True)
    client = Client(make_app(room, ["ann"], "127.0.0.1"))
    client.enter("ann")
    [key] = room.works
    for path in (
        "start",
        "progress",
        "agreement",
        *(f"{each}?key={key}&part=2" for each in ("show", "code", "machine", "log", "comments")),
    ):
        _, _, body = client.get(f"/api/{path}")
        text = json.dumps(json.loads(body), ensure_ascii=False).lower()
        for word in ("zoe", "zoë", "jones"):
            assert word not in text, path
    room.close()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
    ],
)
def test_what_only_this_machine_reaches(host, local):
    assert is_loopback(host) is local


def test_in_a_local_network_an_address_is_enough_and_a_name_is_not():
    gate = Gate(None, ["ann", "ben"], "secret", "0.0.0.0")
    assert len(set(gate.tokens.values())) == 2
    client = Client(gate, "192.168.1.20:8470")
    client.enter("ben")
    client.host = "evil.example"
    assert client.get(f"/enter/{gate.tokens['ben']}")[0] == 403


def test_the_folder_tells_its_pages_what_is_not_theirs(out, room):
    """The database holds the secret of the cookies: nobody else may read it."""
    assert Results(out).grades.stat().st_mode & 0o077 == 0
