// Search, filters and sorting of the table of submissions; their state is in the address, after #.
"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const table = by("table"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const places = JSON.parse(table.dataset.places);
  const controls = ["search", "show", "check", "mistake"];
  const cell = (row, key) => row.cells[heads.findIndex((head) => head.dataset.key === key)];
  const text = (row, key) => cell(row, key).textContent;
  const rows = [...body.rows].map((row) => ({
    row,
    words: (row.cells[0].textContent + " " + row.cells[1].textContent).toLowerCase(),
    failed: new Set(row.dataset.f.split(" ")),
    made: new Set(row.dataset.m.split(" ")),
  }));
  const shown = {
    "": () => true,
    look: (row) => text(row, "looks") !== "",
    late: (row) => text(row, "late") !== "",
    "not-loaded": (row) => "n" in row.dataset,
    open: (row) => { const [done, all] = text(row, "hand").split("/"); return all > "" && done !== all; },
    "no-score": (row) => text(row, "score") === "–",
  };
  let sorted = "";

  function filter() {
    const words = by("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const check = places.checks.indexOf(by("check").value).toString();
    const mistake = by("mistake").value === "" ? "" : String(places.mistakes[by("mistake").value]);
    const kind = shown[by("show").value];
    let count = 0;
    for (const each of rows) {
      const fits = words.every((word) => each.words.includes(word)) && kind(each.row)
        && (by("check").value === "" || each.failed.has(check))
        && (mistake === "" || each.made.has(mistake));
      each.row.hidden = !fits;
      count += fits;
    }
    by("count").textContent = count === rows.length ? `${count} submissions`
      : `${count} of ${rows.length} submissions`;
  }

  function value(row, index) {
    const words = row.cells[index].textContent.trim(), number = parseFloat(words);
    return Number.isNaN(number) ? words.toLowerCase() : number;
  }

  function sort(key, descending) {
    const index = heads.findIndex((head) => head.dataset.key === key);
    if (index < 0) return;
    const numbers = heads[index].classList.contains("number");
    const keyed = rows.map((each, place) => [value(each.row, index), place, each.row]);
    const rank = (found) => numbers && typeof found !== "number" ? -Infinity : found;
    const compare = (a, b) => {
      const [x, y] = [rank(a), rank(b)];
      if (typeof x !== typeof y) return String(x).localeCompare(String(y));
      return x < y ? -1 : x > y ? 1 : 0;
    };
    keyed.sort((a, b) => (descending ? -1 : 1) * compare(a[0], b[0]) || a[1] - b[1]);
    body.append(...keyed.map((each) => each[2]));
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[index].setAttribute("aria-sort", descending ? "descending" : "ascending");
    sorted = (descending ? "-" : "") + key;
  }

  function remember() {
    const state = new URLSearchParams();
    for (const id of controls) if (by(id).value) state.set(id, by(id).value);
    if (sorted) state.set("sort", sorted);
    history.replaceState(null, "", `#${state}`);
  }

  function restore() {
    const hash = location.hash.slice(1);
    const target = hash && !hash.includes("=") ? document.getElementById(hash) : null;
    if (target) { target.scrollIntoView(); target.focus(); return; }
    const state = new URLSearchParams(hash);
    for (const id of controls) {
      by(id).value = state.get(id) ?? "";
      if (by(id).selectedIndex === -1) by(id).value = "";
    }
    const wanted = state.get("sort") ?? "";
    if (wanted) sort(wanted.replace(/^-/, ""), wanted.startsWith("-"));
    filter();
    if (hash) by("submissions").scrollIntoView();
  }

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") === "ascending";
      const fresh = !head.hasAttribute("aria-sort") && head.classList.contains("number");
      sort(head.dataset.key, up || fresh);
      remember();
    });
  }
  for (const id of controls) by(id).addEventListener("input", () => { filter(); remember(); });
  by("reset").addEventListener("click", () => {
    for (const id of controls) by(id).value = "";
    filter();
    remember();
    by("search").focus();
  });
  addEventListener("hashchange", restore);
  document.querySelector(".controls").hidden = false;
  restore();
})();
