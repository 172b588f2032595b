(async () => {
  "use strict";
  // What a long ranking has more of is packed, to keep the file small.
  const packed = "DecompressionStream" in window ? document.querySelectorAll("script[data-into]") : [];
  for (const script of packed) {
    const bytes = Uint8Array.from(atob(script.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    document.getElementById(script.dataset.into).insertAdjacentHTML("beforeend", await new Response(stream).text());
  }

  const $ = (id) => document.getElementById(id);
  const moving = JSON.parse($("moving").textContent);

  // Light and dark: the reader's own choice goes before the system's.
  const theme = $("theme"), root = document.documentElement;
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme:dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.hidden = false;
  theme.onclick = () => { root.dataset.theme = dark() ? "light" : "dark"; name(); };
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", name);
  name();

  // Sorting: by numbers where a cell has one, what is missing last, failures at the end.
  const table = $("candidates"), body = table.tBodies[0], rows = [...body.rows];
  const units = { k: 1e3, M: 1e6, G: 1e9, ms: 1e-3 };
  const number = (cell) => {
    const text = (cell.firstChild?.textContent ?? "").replace("−", "-").replace(/,/g, "");
    const [, bound, digits, unit] = /^([<>]?) ?(-?(?:[\d.]+(?:e-?\d+)?|inf)) ?(k|M|G|ms)?/.exec(text) ?? [];
    const size = digits?.endsWith("inf") ? digits.replace("inf", "Infinity") : digits;
    return digits === undefined ? NaN : +size * (units[unit] ?? 1) + (bound === "<" ? -0.5 : bound === ">" ? 0.5 : 0);
  };
  const value = (row, i) => {
    const cell = row.cells[i];
    if (!cell || row.querySelector(".failed")) return null;
    return i === 1 ? cell.textContent : Number.isNaN(number(cell)) ? null : number(cell);
  };
  const order = (i, sign) => (a, b) => {
    const x = value(a, i), y = value(b, i);
    if (x === null || y === null) return (x === null) - (y === null) || rows.indexOf(a) - rows.indexOf(b);
    return sign * (i === 1 ? x.localeCompare(y, undefined, { numeric: true }) : x - y || 0);
  };
  const lowFirst = new Set(["#", "places", "mean place", "parameters", "a sample"]);
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    head.firstChild.onclick = () => {
      const was = head.getAttribute("aria-sort");
      const first = i === 1 || lowFirst.has(head.textContent) ? "ascending" : "descending";
      const now = !was ? first : was === "ascending" ? "descending" : "ascending";
      table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", now);
      body.append(...[...rows].sort(order(i, now === "ascending" ? 1 : -1)));
    };
  });

  // Filtering by part of a name.
  const filter = $("filter"), names = rows.map((row) => `${row.cells[1].textContent} ${row.cells[1].title}`.toLowerCase());
  filter.oninput = () => {
    const wanted = filter.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, i) => { row.hidden = !names[i].includes(wanted); shown += !row.hidden; });
    $("count").textContent = wanted ? `${shown} of ${rows.length}` : "";
  };

  // Places by any two measures.
  if (moving.places) {
    const before = $("before"), after = $("after");
    const compact = (places) => {
      const known = places.filter((place) => place !== null).sort((a, b) => a - b);
      return places.map((place) => (place === null ? null : known.indexOf(place) + 1));
    };
    const draw = () => {
      let one = moving.places[before.value], two = moving.places[after.value];
      const both = one.map((place, i) => place !== null && two[i] !== null);
      one = compact(one.map((place, i) => (both[i] ? place : null)));
      two = compact(two.map((place, i) => (both[i] ? place : null)));
      document.querySelectorAll(".bump").forEach((svg) => {
        const heads = svg.querySelectorAll(":scope > text"), at = (place) => 30 + 20 * (place - 0.5);
        const width = svg.viewBox.baseVal.width, side = +heads[0].getAttribute("x");
        heads[0].textContent = before.value; heads[1].textContent = after.value;
        svg.querySelectorAll("g").forEach((group) => {
          const i = +group.dataset.i, a = one[i], b = two[i], texts = group.querySelectorAll("text");
          group.style.display = a === null ? "none" : "";
          if (a === null) return;
          const x = width / 2, line = group.querySelector("path");
          line.setAttribute("d", `M${side + 10} ${at(a)}C${x} ${at(a)} ${x} ${at(b)} ${width - side - 10} ${at(b)}`);
          line.setAttribute("class", "way" + (b < a ? " up" : b > a ? " down" : ""));
          texts.forEach((text, k) => text.setAttribute("y", at(k < 2 ? a : b) + 4));
          texts[0].textContent = a; texts[2].textContent = b;
        });
        svg.setAttribute("aria-label", `Places by ${before.value} and by ${after.value}`);
      });
      const agree = $("agree"), { measures, taus } = moving.agreement ?? { measures: [], taus: [] };
      const tau = taus[measures.indexOf(before.value)]?.[measures.indexOf(after.value)];
      if (agree) agree.textContent = tau == null ? "" : `τ_w between the two orders is ${tau.toFixed(2).replace("-", "−")}.`;
    };
    before.onchange = after.onchange = draw;
    $("choose").hidden = false;
  }

  // The motion, step by step.
  if (moving.motion) {
    const step = $("step"), where = $("where"), play = $("play"), clouds = document.querySelectorAll(".cloud svg");
    const show = () => {
      const at = +step.value, energy = moving.motion.energy[at];
      clouds.forEach((svg, way) => {
        const places = moving.motion.ways[way][at];
        [...svg.querySelectorAll("circle"), ...svg.querySelectorAll(".name")].forEach((dot, i) => {
          const isText = dot.tagName === "text";
          dot.style.transform = `translate(${places[2 * i] - +dot.getAttribute(isText ? "x" : "cx")}px,${places[2 * i + 1] + (isText ? 4 : 0) - +dot.getAttribute(isText ? "y" : "cy")}px)`;
        });
      });
      where.value = `${at ? `after step ${at}` : "before the first step"}, energy ${energy}`;
    };
    let timer = null;
    const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
    step.oninput = () => { stop(); show(); };
    play.onclick = () => {
      if (timer) return stop();
      if (+step.value >= +step.max) step.value = 0;
      show();
      play.textContent = "Stop";
      timer = setInterval(() => {
        step.value = +step.value + 1;
        show();
        if (+step.value >= +step.max) stop();
      }, 800);
    };
    $("steps").hidden = false;
    show();
  }

  // Paper has nothing to open.
  const folded = [...document.querySelectorAll("details")];
  addEventListener("beforeprint", () => folded.forEach((each) => { each.dataset.open = each.open; each.open = true; }));
  addEventListener("afterprint", () => folded.forEach((each) => { each.open = each.dataset.open === "true"; }));
})();
