
// Activations: f, its derivative, and a point with its tangent. Torch computed every number
// in the table; here they are only drawn.

const KINK_ROW = 7;
const COMPARE_STYLE = 4;

/** One function of the table: its frames, and where its kinks are. */
function tabulated(entry, table, points, sliders) {
  const own = entry.sliders.map((name) => sliders.find((one) => one.name === name));
  const size = 2 * points + KINK_ROW * entry.kinks;
  const frames = own.reduce((product, one) => product * one.values.length, 1);
  return {
    ...entry,
    style: 0,
    range(derivative) {
      let low = Infinity, high = -Infinity;
      for (let frame = 0; frame < frames; frame++) {
        const from = entry.offset + frame * size + (derivative ? points : 0);
        for (let i = from; i < from + points; i++) {
          if (table[i] < low) low = table[i];
          if (table[i] > high) high = table[i];
        }
      }
      return [low, high];
    },
    label() {
      const words = [...entry.fixed, ...own.map((one) => `${one.symbol} = ${one.text()}`)];
      return words.length ? `${entry.title} (${words.join(", ")})` : entry.title;
    },
    frame() {
      const at = own.reduce((index, one) => index * one.values.length + one.control.index, 0);
      const from = entry.offset + at * size;
      const kinks = [];
      for (let k = 0; k < entry.kinks; k++) {
        const row = table.subarray(from + 2 * points + k * KINK_ROW, from + 2 * points + (k + 1) * KINK_ROW);
        if (Number.isNaN(row[0])) continue;
        kinks.push({ x: row[0], limits: [row[1], row[2]], slopes: [row[3], row[4]], value: row[5], slope: row[6] });
      }
      return { f: table.subarray(from, from + points), slope: table.subarray(from + points, from + 2 * points), kinks };
    },
  };
}

/** Points of a curve that breaks at each kink: left end, lifted pen, right end. */
function broken(grid, values, kinks, ends) {
  if (kinks.length === 0) return [grid, values];
  const xs = [], ys = [];
  let next = 0;
  for (let i = 0; i < grid.length; i++) {
    while (next < kinks.length && kinks[next].x <= grid[i]) {
      const [left, right] = ends(kinks[next]);
      xs.push(kinks[next].x); ys.push(left);
      if (left !== right) { xs.push(kinks[next].x); ys.push(NaN); xs.push(kinks[next].x); ys.push(right); }
      if (kinks[next++].x === grid[i]) i++;
    }
    if (i < grid.length) { xs.push(grid[i]); ys.push(values[i]); }
  }
  return [xs, ys];
}

function figure(spec, table, root) {
  const points = spec.points;
  const grid = table.subarray(0, points);
  const invalidate = perFrame(update);
  const voice = speaker();
  let stale = true;

  const sliders = spec.sliders.map((one) => {
    const digits = Math.max(...one.values.map((value) => (String(value).split(".")[1] || "").length));
    const text = (i) => say(one.values[i], Math.min(digits, 4));
    const changed = () => { stale = true; invalidate(); };
    const control = slider(one.symbol, one.name.replaceAll("_", " "), one.values.length, one.start, text, changed);
    return { ...one, control, text: () => text(control.index) };
  });
  const digits = Math.max(...Array.from(grid, (x) => (String(Number(x.toPrecision(6))).split(".")[1] || "").length));
  const textOfX = (i) => say(grid[i], Math.min(digits, 4));
  const first = nearest(grid[0] < -1 && grid[points - 1] > -1 ? -1 : (grid[0] + grid[points - 1]) / 2);
  const at = slider("x", "", points, first, textOfX, invalidate);

  const functions = spec.functions.map((entry, i) => ({ ...tabulated(entry, table, points, sliders), style: i }));
  const choices = spec.choices.map((entry) => ({ ...tabulated(entry, table, points, sliders), style: COMPARE_STYLE }));
  const pick = choice(
    "compare with",
    [["", "nothing"], ...choices.map((entry) => [entry.name, entry.title])],
    spec.compare || "",
    () => { arrange(); invalidate(); },
  );

  const titles = spec.functions.map((entry) => entry.title).join(", ");
  const left = panel(`Graph of ${titles}`, "f(x)");
  const right = panel(`Graph of the derivative of ${titles}`, "f′(x)");
  const controls = make("div", { class: "mlp-controls" }, ...sliders.map((one) => one.control.root), at.root, pick.root);
  const caption = make("caption");
  const rows = make("tbody");
  const readout = make("table", {}, caption,
    make("thead", {}, make("tr", {}, ...["function", "f(x)", "f′(x)"].map((text) => make("th", { scope: "col" }, text)))),
    rows);
  const notes = make("ul", { class: "mlp-notes" });
  root.append(
    controls,
    make("div", { class: "mlp-panels" }, left.root, right.root),
    readout,
    notes,
    voice.region,
  );
  root.setAttribute("aria-label", `Live figure: ${titles} and ${functions.length > 1 ? "derivatives" : "derivative"}`);

  let drawn = [];
  dragX([left, right], at.input, (x) => { at.index = nearest(x); invalidate(); });
  return begin(left, arrange, update, invalidate, voice);

  function nearest(x) {
    const i = Math.round(((x - grid[0]) / (grid[points - 1] - grid[0])) * (points - 1));
    return Math.min(points - 1, Math.max(0, i));
  }

  /** Make what changes only when the figure gets another size or another function. */
  function arrange() {
    const visible = [...functions, ...choices.filter((entry) => entry.name === pick.select.value)];
    if (drawn.length !== visible.length || drawn.some((one, i) => one.entry !== visible[i])) {
      for (const axes of [left, right]) { axes.plot.replaceChildren(); axes.front.replaceChildren(); }
      left.hair = line(left.plot, "mlp-hair", 0, 0, 0, 0);
      right.hair = line(right.plot, "mlp-hair", 0, 0, 0, 0);
      rows.replaceChildren();
      drawn = visible.map((entry) => layersOf(entry));
    }
    stale = true;
    for (const [axes, derivative] of [[left, false], [right, true]]) {
      if (!axes.resize()) continue;
      const ranges = visible.map((entry) => (entry.ranges ??= {})[derivative] ??= entry.range(derivative));
      axes.x = [grid[0], grid[points - 1]];
      axes.y = limitsOf(Math.min(...ranges.map((r) => r[0])), Math.max(...ranges.map((r) => r[1])));
      axes.drawAxes();
    }
  }

  function layersOf(entry) {
    const kind = `mlp-style-${entry.style}`;
    const group = (axes) => {
      const curves = draw("g", { class: kind });
      const marks = draw("g", { class: kind });
      axes.plot.append(curves);
      axes.front.append(marks);
      return { curves, marks };
    };
    const f = group(left), slope = group(right);
    const one = {
      entry,
      curve: draw("path", { class: "mlp-curve" }),
      slopeCurve: draw("path", { class: "mlp-curve" }),
      tangent: draw("path", { class: "mlp-tangent" }),
      point: draw("circle", { class: "mlp-point", r: 5.5 }),
      slopePoint: draw("circle", { class: "mlp-point", r: 5.5 }),
      kinks: draw("g"),
      ends: draw("g"),
      name: make("span"),
      value: make("td", { "data-readout": "value" }),
      slope: make("td", { "data-readout": "slope" }),
    };
    f.curves.append(one.tangent, one.curve);
    f.marks.append(one.kinks, one.point);
    slope.curves.append(one.slopeCurve);
    slope.marks.append(one.ends, one.slopePoint);
    rows.append(make("tr", { "data-function": entry.name },
      make("th", { scope: "row" }, sample(entry.style), one.name), one.value, one.slope));
    return one;
  }

  function update() {
    if (stale) {
      notes.replaceChildren();
      for (const one of drawn) drawCurve(one);
      for (const one of sliders) one.control.show();
      stale = false;
    }
    const i = at.index, x = grid[i];
    at.show();
    caption.textContent = `At x = ${textOfX(i)}`;
    caption.dataset.x = x;
    for (const axes of [left, right]) place(axes.hair, axes.px(x), 0, axes.px(x), axes.height);
    for (const one of drawn) drawPoint(one, i, x);
    voice.say(() => {
      const parts = drawn.map((one) => `${one.name.textContent}: f ${one.value.textContent}, f′ ${one.slope.textContent}`);
      return `x ${textOfX(at.index)}. ${parts.join(". ")}.`;
    });
  }

  function drawCurve(one) {
    one.frame = one.entry.frame();
    const { f, slope, kinks } = one.frame;
    one.name.textContent = one.entry.label();
    one.curve.setAttribute("d", path(left, ...broken(grid, f, kinks, (kink) => kink.limits)));
    one.slopeCurve.setAttribute("d", path(right, ...broken(grid, slope, kinks, (kink) => kink.slopes)));
    one.kinks.replaceChildren();
    one.ends.replaceChildren();
    for (const kink of kinks) {
      const [a, b] = kink.limits;
      if (a === b) {
        const x = left.px(kink.x), y = left.py(kink.value);
        one.kinks.append(draw("path", { class: "mlp-kink", d: `M${x} ${y - 6}l6 6l-6 6l-6 -6z` }));
      } else ends(left, one.kinks, kink.x, kink.limits, kink.value);
      ends(right, one.ends, kink.x, kink.slopes, kink.slope);
      notes.append(make("li", {},
        `◇ ${one.entry.title} has a kink at x = ${short(kink.x)}: slope ${short(kink.slopes[0])} from the left, ` +
        `${short(kink.slopes[1])} from the right. Autograd gives ${short(kink.slope)} there.`));
    }
  }

  /** A filled circle where the function has its value, an open one where it has not. */
  function ends(axes, parent, x, limits, value) {
    for (const y of new Set([...limits, value])) {
      const kind = y === value ? "mlp-closed" : "mlp-open";
      parent.append(draw("circle", { class: kind, cx: axes.px(x), cy: axes.py(y), r: 4 }));
    }
  }

  function drawPoint(one, i, x) {
    const { f, slope, kinks } = one.frame;
    const kink = kinks.find((candidate) => candidate.x === x);
    const slopes = kink ? kink.slopes : [slope[i], slope[i]];
    const [low, high] = left.x;
    const reach = (to, side) => [to, f[i] + slopes[side] * (to - x)];
    const [a, b] = [reach(low, 0), reach(high, 1)];
    one.tangent.setAttribute("d", path(left, [a[0], x, b[0]], [a[1], f[i], b[1]]));
    fill(one.point, { cx: left.px(x), cy: left.py(f[i]) }, []);
    fill(one.slopePoint, { cx: right.px(x), cy: right.py(slope[i]) }, []);
    one.value.textContent = say(f[i]);
    one.value.dataset.value = f[i];
    one.slope.textContent = kink ? `${short(slopes[0])} | ${short(slopes[1])}` : say(slope[i]);
    one.slope.dataset.value = slope[i];
  }
}
