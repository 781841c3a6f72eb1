"use strict";
(() => {
  // Text goes into the page as text, never as markup; the one exception is a comment that the
  // server has rendered.
  const $ = (id) => document.getElementById(id);
  const make = (tag, values = {}, ...inner) => {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...inner.filter((each) => each !== null && each !== undefined));
    return made;
  };
  const number = (value) => String(Math.round(value * 100) / 100);
  const signed = (value) => `${value > 0 ? "+" : "−"}${number(Math.abs(value))}`;
  const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (each) => each.toString(16).padStart(2, "0")).join("");
  const place = (view) => `${view.key} ${view.part} ${view.reading}`;

  // What each key does; the names are also those of the buttons' data-do.
  const ACTIONS = [
    ["next", ["Enter", "ArrowRight"], "next that is open"], ["back", ["ArrowLeft"], "back"],
    ["partup", ["ArrowUp"], "part before"], ["partdown", ["ArrowDown"], "next part"],
    ["none", ["0"], "none of the items"], ["all", ["a"], "all items; all points where there are none"],
    ["comment", ["c"], "comment (Escape leaves it)"], ["flag", ["f"], "flag: look again"],
    ["undo", ["z"], "undo"], ["flagged", ["u"], "next flagged"],
    ["propose", ["p"], "take the proposal over"], ["group", ["g"], "grade the whole group"],
    ["keep", ["y"], "what was given holds for the new PDF"], ["adjust", ["d"], "adjust the points"],
    ["edit", ["e"], "edit the items"], ["pagenext", ["j"], "next page"],
    ["pageback", ["k"], "page before"], ["larger", ["+"], "larger"], ["smaller", ["-"], "smaller"],
    ["fit", ["w"], "fit the width or the page"], ["rotate", ["r"], "rotate"],
    ["code", ["v"], "the student's code"], ["machine", ["m"], "the machine's results"],
    ["progress", ["o"], "progress, readings, release"], ["log", ["l"], "who changed what"],
    ["help", ["?"], "all keys"],
  ];
  const stored = (name, otherwise = null) => {
    try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; }
  };
  const store = (name, value) => {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  };
  let keys = stored("keys", {});
  const keysOf = (name) => keys[name] ?? ACTIONS.find((each) => each[0] === name)[1];

  let start, part, view;
  let zoom = stored("zoom", 1), whole = stored("whole", false), turned = 0;
  let busy = false;
  const waiting = [];
  const versions = new Map();

  // Talking with the server. What changes a grade waits in a queue, which a reload keeps too.
  let queue = stored("queue", []), sending = null;
  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  async function ask(path, values) {
    const options = values === undefined ? {} : {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values),
    };
    const answer = await fetch(`/api/${path}`, options);
    let told = null;
    try { told = await answer.json(); } catch { told = { error: await answer.text().catch(() => "") }; }
    if (answer.ok) return told;
    throw Object.assign(new Error(told.error || "The server does not know this page any more: open its address again."), { status: answer.status });
  }
  // Tries until the server is there.
  async function asked(path, values) {
    for (;;) {
      try {
        const told = await ask(path, values);
        $("offline").hidden = true;
        return told;
      } catch (error) {
        if (error.status) throw error;
        $("offline").hidden = false;
        $("offline").textContent = queue.length
          ? "The server does not answer. What you type stays here and is sent when it is back."
          : "The server does not answer. Trying again …";
        say("Not saved yet", "bad");
        await wait(500);
      }
    }
  }
  function say(text, style = "quiet") {
    $("saved").textContent = text;
    $("saved").className = `small ${style}`;
  }

  function change(set, about = view) {
    const entry = { id: newId(), key: about.key, part: about.part, reading: about.reading, page: currentPage(), set };
    const last = queue[queue.length - 1];
    // Of a comment that is being typed only the last state is sent.
    if (last && queue.length > 1 && last.key === entry.key && last.part === entry.part && last.reading === entry.reading && Object.keys(set).join() === "comment" && Object.keys(last.set).join() === "comment") queue.pop();
    queue.push(entry);
    store("queue", queue);
    say("Saving …");
    sending ??= send().finally(() => { sending = null; });
  }
  async function send() {
    while (queue.length) {
      const entry = queue[0], at = place(entry);
      try {
        if (!versions.has(at)) {
          const now = await asked(`show?key=${entry.key}&part=${entry.part}&reading=${entry.reading}`);
          versions.set(at, now.grade.version);
        }
        const told = await asked("grade", { ...entry, version: versions.get(at) });
        versions.set(at, told.grade.version);
        queue.shift();
        store("queue", queue);
        if (entry.set.comment !== undefined && stored(`draft ${at}`) === entry.set.comment) store(`draft ${at}`, null);
        const more = queue.some((each) => place(each) === at);
        if (view && place(view) === at && !more) { keepTyping(told); draw(); }
        if (!queue.length) say("Saved", "good");
        refreshPart();
      } catch (error) {
        queue.shift();
        store("queue", queue);
        versions.delete(at);
        say(`Not saved: ${error.message}`, "bad");
        if (error.status === 409) await conflict(entry, error.message);
        else await reload(entry);
      }
    }
  }
  async function reload(entry) {
    if (!view || place(view) !== place(entry)) return;
    const told = await asked(`show?key=${entry.key}&part=${entry.part}&reading=${entry.reading}`);
    versions.set(place(entry), told.grade.version);
    keepTyping(told);
    draw();
  }
  // Somebody else was first: both are shown, and the grader decides.
  async function conflict(entry, message) {
    const told = await asked(`show?key=${entry.key}&part=${entry.part}&reading=${entry.reading}`);
    versions.set(place(entry), told.grade.version);
    if (view && place(view) === place(entry)) { keepTyping(told); draw(); }
    const points = told.grade.points === null ? "open" : `${number(told.grade.points)} points`;
    const mine = await choose("Somebody else was first", [
      make("p", { textContent: `${told.name}, part ${entry.part}: ${message} Now it is ${points}.` }),
      make("p", { textContent: `Your change (${changeText(entry.set)}) is not saved.` }),
    ], [["Keep theirs", false], ["Make mine all the same", true]]);
    if (mine) change(entry.set, entry);
    else say("Theirs is kept");
  }
  const changeText = (set) => Object.entries(set).map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ").slice(0, 300);

  async function drained() { while (queue.length || sending) await (sending ?? wait(10)); }

  // Going from one to the next.
  function arrive(told) {
    view = told;
    if (!queue.some((each) => place(each) === place(view))) versions.set(place(view), view.grade.version);
    const draft = stored(`draft ${place(view)}`);
    turned = 0;
    $("comment").value = draft ?? view.grade.comment;
    if (document.activeElement !== $("pages")) $("pages").focus({ preventScroll: true });
    showPages();
    closeBeside();
    draw();
    ahead();
    say(queue.length ? "Saving …" : view.grade.done ? "Saved" : "");
    if (draft !== null && draft !== view.grade.comment) change({ comment: draft });
    // Who waits for a picture can tell when it is there.
    document.documentElement.dataset.shown = place(view);
  }
  function keepTyping(told) {
    const typing = document.activeElement === $("comment");
    const text = $("comment").value;
    view = { ...told };
    if (!typing && stored(`draft ${place(view)}`) === null) $("comment").value = view.grade.comment;
    else $("comment").value = text;
  }
  // What is pressed while the page is on its way is meant for where it arrives. What opens a
  // dialog or a field ends it: what follows was typed into that.
  async function moving(work) {
    busy = true;
    try {
      flushComment();
      await drained();
      await work();
    } catch (error) {
      say(error.message, "bad");
    }
    busy = false;
    while (!busy && waiting.length) {
      waiting.shift()();
      if ($("dialog").open || document.activeElement.matches("input, textarea, select")) waiting.length = 0;
    }
  }
  function act(does) {
    if (busy) waiting.push(does);
    else does();
  }
  function go(path, values = {}) {
    return moving(async () => {
      const told = await asked(path, { key: view.key, part: view.part, reading: view.reading, ...values });
      if (told.message) say(told.message, "mixed");
      const found = told.show === undefined ? told : told.show;
      if (found) {
        if (found.part !== part.part) await usePart(found.part);
        arrive(found);
        if (told.message) say(told.message, "mixed");
      }
    });
  }
  // What was kept for this grader is shown at once; what was given is saved meanwhile.
  async function goNext() {
    const then = view.next;
    if (!then) { await go("next"); return; }
    flushComment();
    arrive(then);
    const told = await asked("arrive", { key: then.key, part: then.part, reading: then.reading }).catch(() => null);
    if (!told || place(view) !== place(told)) return;
    const mine = queue.some((each) => place(each) === place(view));
    if (!mine && told.grade.version > view.grade.version) { keepTyping(told); draw(); }
    else Object.assign(view, { next: told.next, ahead: told.ahead, other: told.other, group: told.group });
    drawWarnings();
    ahead();
  }
  async function usePart(name) {
    part = await asked(`part?key=${view.key}&part=${encodeURIComponent(name)}`);
    start.parts = start.parts.map((each) => (each.part === part.part ? part : each));
    comments = null;
    drawParts();
  }
  let refreshing = 0;
  function refreshPart() {
    clearTimeout(refreshing);
    refreshing = setTimeout(async () => {
      const told = await ask(`part?key=${view.key}&part=${encodeURIComponent(part.part)}`).catch(() => null);
      if (!told || told.part !== part.part) return;
      const changed = JSON.stringify(told.items) !== JSON.stringify(part.items) || told.scoring !== part.scoring;
      part = told;
      start.parts = start.parts.map((each) => (each.part === part.part ? part : each));
      drawParts();
      if (changed) draw();
    }, 400);
  }
  async function toPart(step) {
    const at = start.parts.findIndex((each) => each.part === part.part);
    const name = start.parts[(at + step + start.parts.length) % start.parts.length].part;
    await openPart(name, view.key);
  }
  function openPart(name, key) {
    return moving(async () => {
      const told = await asked("enter", { part: name, key });
      view = told;
      await usePart(name);
      arrive(told);
    });
  }

  // The pages.
  const picture = (each, n, sharp) => `/picture/${each.key}/${n}?pdf=${each.pdf}${sharp ? "&sharp=1" : ""}`;
  function showPages() {
    const sheets = [];
    for (let n = 1; n <= view.pages; n += 1) {
      const image = make("img", { alt: `Page ${n}`, decoding: n === view.page ? "sync" : "async" });
      const sheet = make("div", { className: "sheet", id: `page-${n}` }, image);
      sheet.dataset.page = n;
      if (n === view.page) image.fetchPriority = "high";
      image.src = picture(view, n, false);
      image.addEventListener("load", () => { layOut(sheet); if (n === view.page && !image.dataset.sharp) toPage(n, true); }, { once: true });
      sheets.push(sheet);
    }
    if (!sheets.length) sheets.push(make("p", { className: "nothing", textContent: view.problem || "There are no pages to show." }));
    $("pages").replaceChildren(...sheets);
    sheets.forEach(layOut);
    $("pagelist").replaceChildren(...(view.pages ? [make("span", { className: "small quiet", textContent: "Page " })] : []), ...Array.from({ length: view.pages }, (_, index) => {
      const button = make("button", { type: "button", textContent: index + 1 });
      button.setAttribute("aria-label", `Page ${index + 1}`);
      button.addEventListener("click", () => toPage(index + 1));
      return button;
    }));
    if (view.pages) toPage(view.page, true);
    drawMarks();
    const about = view;
    // Not for those that are passed over.
    setTimeout(() => { if (view && place(view) === place(about)) sharpen(about); }, 250);
  }
  // The picture that was made with the results is there at once; the sharp one takes its place.
  async function sharpen(about) {
    const here = () => view && place(view) === place(about);
    const left = new Set(Array.from({ length: about.pages }, (_, index) => index + 1));
    while (left.size && here()) {
      const now = await ask(`sharp?key=${about.key}&part=${about.part}`).catch(() => null);
      const ready = (now ? now.pages : []).filter((n) => left.has(n));
      for (const n of ready.sort((a, b) => Math.abs(a - about.page) - Math.abs(b - about.page))) {
        const image = new Image();
        image.src = picture(about, n, true);
        await image.decode().catch(() => null);
        if (!here()) return;
        const shown = document.querySelector(`#page-${n} img`);
        if (shown && image.naturalWidth) { shown.dataset.sharp = "1"; shown.src = image.src; }
        left.delete(n);
      }
      if (now && !now.more && !ready.length) break;
      if (left.size) await wait(1000);
    }
    // With the sharp pictures it is known where the sentences stand.
    if (here() && about.proposals.some((each) => each.places.some((spot) => !spot.boxes.length))) {
      const now = await ask(`show?key=${about.key}&part=${about.part}&reading=${about.reading}`).catch(() => null);
      if (now && here()) { view.proposals = now.proposals; drawMarks(); }
    }
  }
  function drawMarks() {
    document.querySelectorAll(".sheet mark").forEach((each) => each.remove());
    for (const { places } of view.proposals)
      for (const spot of places)
        for (const [left, top, width, height] of spot.boxes) {
          const mark = make("mark", { title: "Found here" });
          Object.assign(mark.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * width}%`, height: `${100 * height}%` });
          $(`page-${spot.page}`)?.append(mark);
        }
  }
  const kept = new Map();
  function ahead() {
    for (const each of view.next ? [{ key: view.next.key, pdf: view.next.pdf, pages: view.next.pages }, ...view.ahead] : view.ahead)
      for (let n = 1; n <= Math.min(each.pages, 8); n += 1) {
        const source = picture(each, n, false);
        if (kept.has(source)) continue;
        const image = new Image();
        image.src = source;
        image.decode().catch(() => null);
        kept.set(source, image);
      }
    for (const source of kept.keys()) { if (kept.size <= 80) break; kept.delete(source); }
  }
  function layOut(sheet) {
    if (!sheet.classList.contains("sheet")) return;
    const image = sheet.firstChild, box = $("pages");
    const ratio = image.naturalWidth ? image.naturalHeight / image.naturalWidth : 11 / 8.5;
    const across = turned % 180 !== 0, seen = across ? 1 / ratio : ratio;
    const wide = box.clientWidth - 18, high = box.clientHeight - 18;
    const width = (whole ? Math.min(wide, high / seen) : Math.min(wide, 1100)) * zoom;
    sheet.style.width = `${width}px`;
    sheet.style.height = `${width * seen}px`;
    sheet.classList.toggle("turned", turned !== 0);
    image.style.width = turned ? `${across ? width * seen : width}px` : "";
    image.style.transform = turned ? `translate(-50%, -50%) rotate(${turned}deg)` : "";
  }
  const layOutAll = () => { const at = currentPage(); document.querySelectorAll(".sheet").forEach(layOut); toPage(at, true); };
  function currentPage() {
    const top = $("pages").scrollTop + $("pages").clientHeight / 3;
    const found = [...document.querySelectorAll(".sheet")].filter((each) => each.offsetTop - $("pages").offsetTop <= top).pop();
    return found ? Number(found.dataset.page) : 0;
  }
  function toPage(n, still) {
    const sheet = $(`page-${n}`);
    if (!sheet) return;
    $("pages").scrollTo({ top: sheet.offsetTop - $("pages").offsetTop - 4, behavior: "instant" });
    markPage(n);
    if (!still) closeBeside();
  }
  function markPage(n) {
    [...$("pagelist").querySelectorAll("button")].forEach((each, index) => {
      if (index + 1 === n) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    });
  }
  $("pages").addEventListener("scroll", () => markPage(currentPage()), { passive: true });
  addEventListener("resize", layOutAll);

  // The grade.
  function drawParts() {
    $("parts").replaceChildren(...start.parts.map((each) => {
      const button = make("button", { type: "button" }, `${each.part} `, make("span", { className: each.left ? "small quiet" : "small done", textContent: each.left ? `${each.done}/${each.all}` : "✓ done" }));
      if (part && each.part === part.part) button.setAttribute("aria-current", "true");
      button.setAttribute("aria-label", `Part ${each.part}: ${each.done} of ${each.all} graded`);
      button.addEventListener("click", () => act(() => openPart(each.part, view.key)));
      return button;
    }));
    $("who").textContent = `${start.grader}${start.anonymous ? ", without names" : ""}${part.seconds_left ? ` · part ${part.part}: about ${duration(part.seconds_left)} left` : ""}`;
  }
  const duration = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${number(seconds / 3600)} h`);
  function localPoints() {
    const grade = view.grade;
    if (!grade.done) return null;
    const chosen = part.items.filter((each) => grade.items.includes(each.id));
    const sum = grade.fixed !== null ? grade.fixed : part.scoring === "subtractive"
      ? part.points - chosen.reduce((total, each) => total + Math.abs(each.points), 0)
      : chosen.reduce((total, each) => total + each.points, 0);
    return Math.min(Math.max(sum + grade.adjustment, 0), part.points);
  }
  function draw() {
    const grade = view.grade, points = localPoints();
    $("name").textContent = view.name;
    $("place").textContent = `${view.place} of ${view.all}${view.reading ? " · second reading, blind" : ""}`;
    $("title").textContent = `Part ${part.part}: ${part.title}`;
    $("points").textContent = points === null ? "–" : number(points);
    $("of").textContent = `of ${number(part.points)}`;
    $("state").textContent = points === null ? "open" : view.replaced ? "look again" : "graded";
    $("state").className = `chip ${points === null ? "quiet" : view.replaced ? "mixed" : "good"}`;
    $("flag").hidden = !grade.flag;
    const typed = grade.done && grade.fixed !== null;
    $("made").hidden = !typed;
    $("made").textContent = typed ? `${number(grade.fixed)} from hand_grades.csv${grade.adjustment ? `, adjusted by ${signed(grade.adjustment)}` : ""}` : "";
    if (document.activeElement !== $("adjustment")) $("adjustment").value = grade.adjustment || "";
    $("items").className = part.scoring === "subtractive" ? "taken" : "";
    $("items").replaceChildren(...part.items.map((item, index) => {
      const worth = part.scoring === "subtractive" ? -Math.abs(item.points) : item.points;
      const button = make("button", { type: "button" }, make("kbd", { textContent: index < 9 ? index + 1 : "·" }), make("span", { className: "worth", textContent: signed(worth) }), make("span", { textContent: item.text }));
      button.setAttribute("aria-pressed", String(grade.items.includes(item.id)));
      button.addEventListener("click", () => toggle(index));
      return make("li", { className: part.scoring === "subtractive" ? "taken" : "" }, button);
    }));
    $("rendered").innerHTML = grade.html;
    drawWarnings();
    drawProposals();
    if (!$("editing").hidden) drawEditing();
  }
  const told = (style, ...inner) => make("div", { className: `told ${style}` }, ...inner.map((each) => (typeof each === "string" ? make("p", { textContent: each }) : each)));
  function drawWarnings() {
    const found = start.conflicts.map((each) => told("", each));
    if (view.other) found.push(told("", `${view.other} is on this one right now.`));
    if (view.replaced) found.push(told("", "It was graded on another PDF than it has now. Look again; y says that what was given holds."));
    if (view.problem && view.pages) found.push(told("plain", view.problem));
    if (view.remarks.length) found.push(told("plain", ...view.remarks));
    if (view.group) found.push(told("plain", `${view.group.others} more that are open are the same: ${view.group.name}. g gives them what this one has.`));
    $("warnings").replaceChildren(...found);
  }
  function drawProposals() {
    let before = "";
    const boxes = view.proposals.map((each) => {
      const places = each.places.filter((spot) => !each.value || spot.sentence !== before);
      before = each.value && each.places.length ? each.places[0].sentence : before;
      const lines = places.map((spot) => {
        const button = make("button", { type: "button", textContent: `page ${spot.page}` });
        button.addEventListener("click", () => {
          toPage(spot.page);
          document.querySelector(`#page-${spot.page} mark`)?.scrollIntoView({ block: "center" });
        });
        return make("p", { className: "small" }, "“", spot.sentence, "” ", spot.page ? button : "");
      });
      return make("div", {}, make("p", {}, make("strong", { textContent: each.value || "nothing proposed" }), ` ${each.title}. ${each.remark}`), ...lines);
    });
    if (canPropose()) boxes.push(make("p", {}, make("kbd", { textContent: "p" }), " takes this over"));
    const derived = view.derivations.map((each) => make("div", {}, make("p", {}, make("strong", { textContent: `${{ right: "✓", "not right": "✗" }[each.outcome] || "·"} ${each.outcome}` }), ` ${each.title}`), each.outcome === "right" ? null : make("p", { className: "small", textContent: each.message })));
    if (derived.length) derived.unshift(make("p", { className: "quiet", textContent: "Written as functions too, and compared by differences:" }));
    $("proposals").replaceChildren(...[boxes, derived].filter((each) => each.length).map((each) => told("plain", ...each)));
  }
  const canPropose = () => view.proposals.some((each) => each.value) && view.proposals.length === part.items.length && part.scoring === "additive";
  // Items take the place of what the table gave; an adjustment is added to it.
  function give(set) {
    view.grade = { ...view.grade, ...set, ...(set.items ? { fixed: null } : {}) };
    draw();
    change(set);
  }
  const setItems = (items, done = true) => give({ items, done });
  const setAdjustment = (adjustment) => give({ adjustment, done: true });
  // Where a part has no items that is all there is: 0 takes it away, a gives all points.
  const setWhole = (points) => give({ items: [], adjustment: points, done: true });
  async function giveAll() {
    // A hand that is faster than the eye must not pay for what is not there.
    if (!view.pages && !besideIs) {
      const yes = await choose("There is no PDF", [make("p", { textContent: `Give all ${number(part.points)} points of part ${part.part} although there is nothing to read?` })], [["Give them", true], ["No", false]]);
      if (!yes) return;
    }
    if (part.scoring === "subtractive") setItems([]);
    else if (part.items.length) setItems(part.items.filter((each) => each.points > 0).map((each) => each.id));
    else setWhole(part.points);
  }
  function toggle(index) {
    const item = part.items[index];
    if (!item) return;
    const has = view.grade.items.includes(item.id);
    const items = has ? view.grade.items.filter((id) => id !== item.id) : [...view.grade.items, item.id];
    // The last one taken away leaves it open; None says that it is graded.
    setItems(items, items.length > 0 || view.grade.adjustment !== 0);
  }

  // Comments.
  let typingTimer = 0, comments = null, suggested = [];
  function flushComment() {
    clearTimeout(typingTimer);
    const draft = view ? stored(`draft ${place(view)}`) : null;
    const waits = queue.some((each) => place(each) === place(view) && each.set.comment === draft);
    if (draft !== null && !waits && draft !== view.grade.comment) change({ comment: draft });
    else if (draft !== null && !waits) store(`draft ${place(view)}`, null);
  }
  $("comment").addEventListener("input", () => {
    store(`draft ${place(view)}`, $("comment").value);
    say("Typing …");
    clearTimeout(typingTimer);
    typingTimer = setTimeout(flushComment, 700);
    suggest();
  });
  $("comment").addEventListener("blur", () => { flushComment(); setTimeout(() => $("suggestions").replaceChildren(), 200); });
  $("comment").addEventListener("focus", async () => { comments = (await ask(`comments?part=${encodeURIComponent(part.part)}`).catch(() => ({ comments: [] }))).comments; suggest(); });
  function suggest() {
    const typed = $("comment").value.trim().toLowerCase();
    suggested = (comments ?? []).filter((each) => each.trim().toLowerCase() !== typed && (!typed || typed.split(/\s+/).every((word) => each.toLowerCase().includes(word)))).slice(0, 6);
    $("suggestions").replaceChildren(...suggested.map((each) => {
      const button = make("button", { type: "button", textContent: each });
      button.addEventListener("mousedown", (event) => { event.preventDefault(); take(each); });
      return make("li", {}, button);
    }));
  }
  function take(text) {
    $("comment").value = text;
    $("comment").dispatchEvent(new Event("input"));
    $("suggestions").replaceChildren();
  }
  $("comment").addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !event.shiftKey && suggested.length && $("suggestions").children.length) { event.preventDefault(); take(suggested[0]); suggested = []; }
  });
  $("adjustment").addEventListener("change", () => {
    if ($("adjustment").validity.badInput) {
      $("adjustment").value = view.grade.adjustment || "";
      say("Not saved: points are a number.", "bad");
      return;
    }
    setAdjustment(Number($("adjustment").value.replace(",", ".")) || 0);
  });

  // Items, for everybody.
  function drawEditing() {
    const row = (item) => {
      const points = make("input", { type: "number", step: "0.25", value: item ? item.points : 1 });
      points.setAttribute("aria-label", "Points");
      const text = make("textarea", { rows: item ? 2 : 1, value: item ? item.text : "", maxLength: 500 });
      text.setAttribute("aria-label", item ? "Text" : "Text of a new item");
      const sent = (more) => setItem({ item: item ? item.id : null, version: item ? item.version : 0, points: Number(points.value), text: text.value, ...more });
      const button = make("button", { type: "button", textContent: item ? "Remove" : "Add" });
      button.addEventListener("click", () => sent(item ? { gone: true } : {}));
      if (item) [points, text].forEach((each) => each.addEventListener("change", () => sent({})));
      else text.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); sent({}); } });
      return make("p", { className: "row" }, points, text, button);
    };
    const scoring = make("button", { type: "button", textContent: part.scoring === "additive" ? "Items give points: let them take off" : "Items take off: let them give points" });
    scoring.addEventListener("click", async () => moved(await ask("scoring", { id: newId(), part: part.part, scoring: part.scoring === "additive" ? "subtractive" : "additive" }).catch((error) => error)));
    $("editing").replaceChildren(...part.items.map(row), row(null), make("p", {}, scoring), make("p", { className: "small quiet", textContent: "A change is for everybody who has the item." }));
  }
  async function setItem(values) {
    moved(await ask("item", { id: newId(), part: part.part, ...values }).catch((error) => error));
  }
  function moved(answer) {
    if (answer instanceof Error) { say(answer.message, "bad"); refreshPart(); return; }
    part = answer.part;
    start.parts = start.parts.map((each) => (each.part === part.part ? part : each));
    draw();
    drawEditing();
    say(`Saved. ${answer.moved} ${answer.moved === 1 ? "score has" : "scores have"} moved.`, "good");
  }

  // Beside the PDF.
  let besideIs = "";
  function closeBeside() { $("beside").hidden = true; $("pages").hidden = false; besideIs = ""; }
  async function openBeside(what) {
    if (besideIs === what) { closeBeside(); $("pages").focus(); return; }
    const answer = await ask(`${what}?key=${view.key}&part=${view.part}`).catch((error) => ({ problem: error.message, checks: [], cells: [], overrides: [] }));
    besideIs = what;
    $("beside").replaceChildren(...(what === "code" ? codeOf(answer) : machineOf(answer)));
    $("beside").hidden = false;
    $("pages").hidden = true;
    $("beside").scrollTop = 0;
    $("beside").focus();
  }
  function codeOf(answer) {
    if (!answer.cells.length) return [make("p", { className: "nothing", textContent: answer.problem || "There is no code." })];
    return answer.cells.flatMap((cell) => [make("h2", { className: "small", textContent: cell.label }), make("table", { className: "lines" }, make("tbody", {}, ...cell.lines.map((line, index) => make("tr", {}, make("td", { className: "at", textContent: index + 1 }), make("td", { textContent: line })))))]);
  }
  const givenFor = (answer, about) => answer.overrides.find((each) => each.check === about.check && each.part === about.part);
  function machineOf(answer) {
    const button = (text, about) => {
      const made = make("button", { type: "button", textContent: text, title: "Give other points" });
      made.addEventListener("click", () => override(answer, about));
      return made;
    };
    const staff = (each) => make("p", { className: "small mixed", textContent: `Staff${each.by ? ` (${each.by})` : ""}: ${number(each.points)}. ${each.reason}` });
    const most = answer.checks.reduce((sum, each) => sum + each.most, 0);
    const all = answer.overrides.filter((each) => !each.check);
    const head = make("h2", { textContent: `By the machine: ${answer.score} ` }, answer.checks.length ? button("Change all", { check: "", part: "", most, title: "everything" }) : null);
    const rows = answer.checks.map((each) => {
      const ours = givenFor(answer, { check: each.id, part: "" });
      return make("tr", {}, make("td", { textContent: each.part }), make("td", { textContent: each.function }), make("td", {}, each.title, each.message ? make("p", { className: "small quiet", textContent: each.message }) : null, ours ? staff(ours) : null), make("td", { textContent: each.outcome }), make("td", { className: "number" }, button(each.points, { check: each.id, part: "", most: each.most, title: each.title })));
    });
    return [head, ...all.map((each) => make("div", {}, make("strong", { textContent: each.part ? `Part ${each.part}` : "All" }), staff(each))), ...(answer.problem ? [told("", answer.problem)] : []), make("table", {}, make("thead", {}, make("tr", {}, ...["Part", "Function", "Check", "Outcome", "Points"].map((name) => make("th", { scope: "col", textContent: name })))), make("tbody", {}, ...rows))];
  }
  // Points in place of the machine's, with a reason that the student reads.
  async function override(answer, about) {
    const ours = givenFor(answer, about);
    const points = make("input", { type: "number", min: 0, max: about.most, step: 0.25, value: ours ? ours.points : about.most });
    const reason = make("input", { type: "text", maxLength: 500, value: ours ? ours.reason : "" });
    reason.className = "wide";
    for (const field of [points, reason])
      field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); $("dialogbuttons").lastChild.click(); } });
    const chosen = choose(`Other points: ${about.title}`, [
      make("p", {}, make("label", {}, `Points, from 0 to ${number(about.most)} `, points)),
      make("p", {}, make("label", {}, "Why (the student reads it) ", reason)),
      make("p", { className: "small quiet", textContent: "They hold when it is graded again, and are in the tables and on the pages after autograder report." }),
    ], [["Cancel", ""], ...(ours ? [["Take back", "back"]] : []), ["Give", "give"]]);
    points.focus();
    points.select();
    const choice = await chosen;
    if (!choice) return;
    if (choice === "give" && points.value === "") { say("Not saved: points are a number.", "bad"); return; }
    const values = { key: view.key, check: about.check, part: about.part, was: ours ? ours.points : null, points: choice === "back" ? null : Number(points.value), reason: reason.value };
    const now = await ask("override", values).catch((error) => error);
    if (now instanceof Error) { say(`Not saved: ${now.message}`, "bad"); return; }
    if (besideIs === "machine") $("beside").replaceChildren(...machineOf(now));
    say("Saved", "good");
  }

  // Dialogs.
  function choose(title, body, buttons) {
    $("dialogtitle").textContent = title;
    $("dialogbody").replaceChildren(...body);
    $("dialogbuttons").replaceChildren(...buttons.map(([text, value], index) => make("button", { value: String(index), textContent: text, className: index === buttons.length - 1 ? "main" : "" })));
    const dialog = $("dialog");
    if (dialog.open) dialog.close();
    dialog.returnValue = "";
    dialog.showModal();
    $("dialogbuttons").lastChild.focus();
    return new Promise((done) => dialog.addEventListener("close", () => {
      $("pages").focus({ preventScroll: true });
      done(dialog.returnValue === "" ? null : buttons[Number(dialog.returnValue)][1]);
    }, { once: true }));
  }
  async function group() {
    if (!view.group) { say("This one is in no group.", "mixed"); return; }
    await drained();
    if (!view.grade.done) { say("Grade this one first: the others get what it has.", "mixed"); return; }
    const { others, name, sample } = view.group;
    const yes = await choose(`Grade ${others} more?`, [
      make("p", { textContent: `${others} submissions that are open in part ${part.part} are the same: ${name}. They get ${number(localPoints())} of ${number(part.points)} points, and the comment.` }),
      make("p", { textContent: `Some of them: ${sample.map((each) => each.name).join("; ")}.` }),
      view.group.warning ? make("p", { className: "told", textContent: view.group.warning }) : "",
    ], [["No", false], [`Grade ${others} submissions`, true]]);
    if (yes) { await go("group", { id: newId(), count: others }); refreshPart(); }
  }
  async function help() {
    const rows = ACTIONS.map(([name, , words]) => {
      const input = make("input", { value: keysOf(name).join(" "), type: "text" });
      input.addEventListener("change", () => {
        const listed = input.value.trim().split(/\s+/).filter(Boolean);
        const taken = listed.find((key) => /^[1-9]$/.test(key) || ACTIONS.some((each) => each[0] !== name && keysOf(each[0]).includes(key)));
        if (taken || !listed.length) { input.value = keysOf(name).join(" "); say(taken ? `${taken} does something else already.` : "", "mixed"); return; }
        keys = { ...keys, [name]: listed };
        store("keys", keys);
      });
      return make("label", {}, words, input);
    });
    const usual = await choose("Keys", [make("p", { className: "small quiet", textContent: "1 to 9: the items. Write others into the boxes; they are kept in this browser." }), make("div", { className: "keys" }, ...rows)], [["Usual keys", true], ["Close", false]]);
    if (usual) { keys = {}; store("keys", null); }
  }
  async function log() {
    const answer = await ask(`log?key=${view.key}&part=${view.part}&reading=${view.reading}`).catch(() => ({ events: [] }));
    const rows = answer.events.map((each) => make("tr", {}, make("td", { className: "number", textContent: new Date(each.at * 1000).toLocaleTimeString() }), make("td", { textContent: each.grader }), make("td", { textContent: each.what })));
    await choose(`${view.name}, part ${part.part}`, [rows.length ? make("table", {}, make("thead", {}, make("tr", {}, ...["When", "Who", "What"].map((name) => make("th", { scope: "col", textContent: name })))), make("tbody", {}, ...rows)) : make("p", { textContent: "Nobody has changed anything yet." })], [["Close", false]]);
  }
  async function progress() {
    const [{ parts }, agreement] = await Promise.all([ask("progress"), ask("agreement")]).catch(() => [{ parts: start.parts }, { parts: [] }]);
    const head = (...names) => make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col", textContent: name }))));
    const rows = parts.map((each) => make("tr", {}, make("th", { scope: "row", textContent: each.part }), make("td", { textContent: `${each.done} of ${each.all}${each.left ? "" : " ✓"}` }), make("td", { textContent: each.flagged || "" }), make("td", { textContent: each.replaced || "" }), make("td", { textContent: each.by.map((one) => `${one.grader} ${one.done}`).join(", ") }), make("td", { textContent: each.seconds ? `${number(each.seconds)} s each` : "" }), make("td", { textContent: each.left ? (each.seconds_left ? duration(each.seconds_left) : "") : "finished" })));
    const twice = agreement.parts.filter((each) => each.read_twice).flatMap((each) => [
      make("h3", { textContent: `Part ${each.part}: ${each.same} of ${each.read_twice} read twice got the same points, ${number(each.mean_gap)} apart on average` }),
      make("ul", { className: "small" }, ...each.items.map((item) => make("li", { textContent: `${item.same} of ${each.read_twice} agree: ${item.text}` }))),
      ...each.cases.map((one) => make("div", { className: "halves2 small" }, ...["first", "second"].map((which) => told("plain", make("strong", { textContent: `${one.name}: ${number(one[which].points ?? 0)}, ${one[which].grader}` }), ...one[which].items, one[which].comment)))),
    ]);
    const share = make("input", { type: "number", min: 0, max: 100, step: 5, value: Math.round(start.second_share * 100) });
    share.addEventListener("change", async () => { start.second_share = (await ask("settings", { second_share: Number(share.value) / 100 })).second_share; });
    const order = make("select", {}, ...["random", "given"].map((each) => make("option", { value: each, textContent: each, selected: start.order === each })));
    order.addEventListener("change", async () => { start.order = order.value; await ask("settings", { order: order.value }); });
    const release = make("button", { type: "button", textContent: start.released ? "Take it back from students" : "Show students what was given" });
    const said = make("span", { className: "small" });
    release.addEventListener("click", async () => {
      said.textContent = "Writing the pages …";
      const answer = await ask("release", { released: !start.released }).catch((error) => ({ message: error.message, released: start.released }));
      start.released = answer.released;
      said.textContent = answer.message;
      release.textContent = start.released ? "Take it back from students" : "Show students what was given";
    });
    await choose("Progress", [
      make("table", {}, head("Part", "Graded", "Flagged", "New PDF", "By", "Pace", "Left"), make("tbody", {}, ...rows)),
      make("p", { className: "row" }, make("label", {}, "Order ", order), make("label", {}, "Read twice, blind ", share, " %")),
      ...twice, make("p", { className: "row" }, release, said),
    ], [["Close", false]]);
  }

  // Keys.
  const DO = {
    next: goNext, back: () => go("beside", { step: -1 }), flagged: () => go("next", { flagged: true }),
    partup: () => toPart(-1), partdown: () => toPart(1),
    none: () => (part.items.length ? setItems([]) : setWhole(0)),
    all: giveAll,
    comment: () => { $("comment").focus(); $("comment").select(); }, adjust: () => { $("adjustment").focus(); $("adjustment").select(); },
    flag: () => { view.grade = { ...view.grade, flag: !view.grade.flag }; draw(); change({ flag: view.grade.flag }); },
    undo,
    propose: () => { if (canPropose()) setItems(part.items.filter((_, index) => view.proposals[index].value).map((each) => each.id)); else say("Nothing is proposed here.", "mixed"); },
    keep: () => { if (view.replaced) change({ done: true }); },
    edit: () => { $("editing").hidden = !$("editing").hidden; $("items").hidden = !$("editing").hidden; if (!$("editing").hidden) { drawEditing(); $("editing").querySelector("input").focus(); } },
    pagenext: () => toPage(Math.min(currentPage() + 1, view.pages)), pageback: () => toPage(Math.max(currentPage() - 1, 1)),
    larger: () => { zoom = Math.min(zoom * 1.2, 5); store("zoom", zoom); layOutAll(); },
    smaller: () => { zoom = Math.max(zoom / 1.2, 0.3); store("zoom", zoom); layOutAll(); },
    fit: () => { whole = zoom === 1 ? !whole : whole; zoom = 1; store("whole", whole); store("zoom", 1); layOutAll(); },
    rotate: () => { turned = (turned + 90) % 360; layOutAll(); },
    code: () => openBeside("code"), machine: () => openBeside("machine"), group, help, log, progress,
  };
  function undo() {
    return moving(async () => {
      const answer = await asked("undo", { id: newId() });
      if (answer.show) {
        view = answer.show;
        store(`draft ${place(view)}`, null);
        if (view.part !== part.part) await usePart(view.part);
        arrive(view);
      }
      await usePart(part.part);
      draw();
      say(answer.message, answer.show ? "good" : "mixed");
    });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && view) act(DO[button.dataset.do]);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !view || $("dialog").open) return;
    const target = event.target;
    if (target.matches("input, textarea, select")) {
      if (event.key === "Escape" || (event.key === "Enter" && target === $("adjustment"))) { target.blur(); $("pages").focus({ preventScroll: true }); }
      return;
    }
    if (target.matches("button, a, summary") && (event.key === "Enter" || event.key === " ")) return;
    if (event.key === "Escape") { closeBeside(); $("editing").hidden = true; $("items").hidden = false; $("pages").focus(); return; }
    if (/^[1-9]$/.test(event.key)) { event.preventDefault(); act(() => toggle(Number(event.key) - 1)); return; }
    const found = ACTIONS.find(([name]) => keysOf(name).includes(event.key));
    if (!found) return;
    event.preventDefault();
    // A key that is held down goes on only as fast as the page.
    if (!busy || !event.repeat) act(DO[found[0]]);
  });

  (async () => {
    // Whoever looks at it is on it, for as long as the page is open.
    setInterval(() => { if (view && !document.hidden) ask(`show?key=${view.key}&part=${view.part}&reading=${view.reading}`).catch(() => null); }, 40000);
    try {
      start = await asked("start");
      const told = await asked("enter", { part: start.part, key: start.key });
      view = told;
      await usePart(start.part);
      arrive(told);
      if (queue.length) sending ??= send().finally(() => { sending = null; });
    } catch (error) {
      say(error.message, "bad");
    }
  })();
})();
