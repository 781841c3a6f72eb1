"use strict";
// A link to something that is folded unfolds it, and paper shows everything.
(() => {
  const unfoldTarget = () => {
    const target = document.querySelector(":target");
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    if (target) target.scrollIntoView();
  };
  let folded = [];
  addEventListener("hashchange", unfoldTarget);
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
  unfoldTarget();
})();
