// Live figures. Torch computed every number in the table; here they are only drawn.
// Nothing below talks to the kernel, so a figure goes on without one.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 44, right: 14, top: 14, bottom: 34 };
const KINK_ROW = 7;
const COMPARE_STYLE = 4;
const SPEAK_AFTER_MS = 600;

/* ---------- small helpers ---------- */

function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Each figure loads this file anew, so a counter here would give ten figures the same ids.
const freshId = () => `mlpbook-${Math.random().toString(36).slice(2)}`;

/** A number as a person writes it: a real minus sign, at most `digits` decimals. */
function say(value, digits = 4) {
  if (Number.isNaN(value)) return "none";
  let text = value.toFixed(digits);
  if (value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits) {
    const [mantissa, exponent] = value.toExponential(1).split("e");
    text = `${mantissa}e${exponent}`;
  }
  if (Number(text) === 0) text = text.replace("-", "");
  return text.replaceAll("-", "−");
}

/** A number without superfluous zeros, for ticks, sliders and sentences. */
const short = (value, digits = 4) => {
  const text = say(value, digits);
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
};

/** About `count` round numbers from `low` to `high`. */
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((unit) => unit * power >= rough * 0.999) * power;
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return found;
}

/* ---------- parts of a figure ---------- */

/** A labelled native slider with `count` stops, which shows and speaks `shown(i)`. */
function slider(label, meaning, count, start, shown, changed) {
  const id = freshId();
  const input = make("input", {
    id, type: "range", min: 0, max: count - 1, step: 1, value: start,
    // JupyterLab would take the arrow keys; it looks at the focused element alone.
    "data-lm-suppress-shortcuts": "true",
    ...(meaning ? { "aria-label": `${label} (${meaning})` } : {}),
  });
  const output = make("output", { for: id, "aria-live": "off" });
  const root = make("div", { class: "mlp-control" }, make("label", { for: id }, label), input, output);
  const part = {
    root, input,
    get index() { return Number(input.value); },
    set index(i) { input.value = i; },
    show() {
      const text = shown(part.index);
      if (output.textContent === text) return;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    },
  };
  input.value = start; // only now: the bounds must be known first
  input.addEventListener("input", changed);
  part.show();
  return part;
}

function choice(label, options, chosen, changed) {
  const id = freshId();
  const select = make("select", { id, "data-lm-suppress-shortcuts": "true" });
  for (const [value, text] of options) select.append(make("option", { value }, text));
  select.value = chosen;
  select.addEventListener("change", changed);
  const root = make("div", { class: "mlp-control mlp-choice" }, make("label", { for: id }, label), select);
  return { root, select };
}

/** Axes with a plot area in pixels; text keeps its size however wide the figure is. */
function panel(label, ylabel, interactive = true) {
  const back = draw("g");
  const plot = draw("svg");
  const front = draw("g");
  const svg = draw("svg", { role: "img", "aria-label": label }, back, plot, front);
  if (!interactive) svg.classList.add("mlp-fixed");
  const root = make("div", { class: "mlp-panel" }, svg);
  const axes = {
    root, svg, plot, front, x: [0, 1], y: [0, 1], width: 0, height: 0,
    px: (x) => ((x - axes.x[0]) / (axes.x[1] - axes.x[0])) * axes.width,
    py: (y) => (1 - (y - axes.y[0]) / (axes.y[1] - axes.y[0])) * axes.height,
    xAt(event) {
      const box = svg.getBoundingClientRect();
      const scale = box.width / (axes.width + MARGIN.left + MARGIN.right) || 1;
      const pixel = (event.clientX - box.left) / scale - MARGIN.left;
      return axes.x[0] + (pixel / axes.width) * (axes.x[1] - axes.x[0]);
    },
    resize() {
      const width = root.clientWidth, height = root.clientHeight;
      if (width === 0) return false;
      axes.width = width - MARGIN.left - MARGIN.right;
      axes.height = height - MARGIN.top - MARGIN.bottom;
      fill(svg, { width, height, viewBox: `0 0 ${width} ${height}` }, []);
      fill(plot, { x: MARGIN.left, y: MARGIN.top, width: axes.width, height: axes.height }, []);
      front.setAttribute("transform", `translate(${MARGIN.left} ${MARGIN.top})`);
      back.setAttribute("transform", `translate(${MARGIN.left} ${MARGIN.top})`);
      return true;
    },
    drawAxes() {
      back.replaceChildren();
      for (const x of ticks(...axes.x, Math.max(2, axes.width / 60))) {
        line(back, x === 0 ? "mlp-axisline" : "mlp-gridline", axes.px(x), 0, axes.px(x), axes.height);
        back.append(draw("text", { x: axes.px(x), y: axes.height + 16, "text-anchor": "middle" }, short(x)));
      }
      for (const y of ticks(...axes.y, Math.max(2, axes.height / 45))) {
        const zero = Math.abs(y) < 1e-9;
        line(back, zero ? "mlp-axisline" : "mlp-gridline", 0, axes.py(y), axes.width, axes.py(y));
        back.append(draw("text", { x: -7, y: axes.py(y) + 4, "text-anchor": "end" }, short(y)));
      }
      back.append(
        draw("text", { x: axes.width, y: axes.height + 31, "text-anchor": "end" }, "x"),
        draw("text", { x: -MARGIN.left + 2, y: -4 }, ylabel),
      );
    },
  };
  return axes;
}

function line(parent, kind, x1, y1, x2, y2) {
  const element = draw("line", { class: kind });
  place(element, x1, y1, x2, y2);
  parent.append(element);
  return element;
}

function place(element, x1, y1, x2, y2) {
  fill(element, { x1: x1.toFixed(2), y1: y1.toFixed(2), x2: x2.toFixed(2), y2: y2.toFixed(2) }, []);
}

/** The path through points (x, y); a NaN lifts the pen. */
function path(axes, xs, ys) {
  let text = "", pen = "M";
  const far = 20 * axes.height;
  for (let i = 0; i < xs.length; i++) {
    if (Number.isNaN(ys[i])) { pen = "M"; continue; }
    const y = Math.min(far, Math.max(-far, axes.py(ys[i])));
    text += `${pen}${axes.px(xs[i]).toFixed(2)} ${y.toFixed(2)}`;
    pen = "L";
  }
  return text;
}

/** The limits of an axis that shows all of `values`, with a little room. */
function limitsOf(low, high) {
  const room = 0.06 * (high - low || 1);
  return [low - room, high + room];
}

/** A line sample, so that the legend shows the dash as well as the colour. */
function sample(style) {
  return draw("svg", { class: `mlp-sample mlp-style-${style}`, viewBox: "0 0 44 12", "aria-hidden": "true" },
    draw("line", { class: "mlp-curve", x1: 1, y1: 6, x2: 43, y2: 6 }));
}

/** A region that screen readers read when the reader pauses, not at every step. */
function speaker() {
  const region = make("div", { class: "mlp-spoken", "aria-live": "polite" });
  let timer = 0;
  return {
    region,
    say(sentence) {
      clearTimeout(timer);
      timer = setTimeout(() => { region.textContent = sentence(); }, SPEAK_AFTER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Run `work` at most once per frame of the screen, however many inputs arrive. */
function perFrame(work) {
  let asked = 0;
  const ask = () => { asked ||= requestAnimationFrame(() => { asked = 0; work(); }); };
  ask.stop = () => cancelAnimationFrame(asked);
  return ask;
}

/** Let the pointer drag x over the panels, and hand the arrow keys to the slider of x. */
function dragX(panels, input, moved) {
  for (const axes of panels) {
    let held = false;
    axes.svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      held = true;
      axes.svg.setPointerCapture(event.pointerId);
      input.focus({ preventScroll: true });
      moved(axes.xAt(event));
    });
    axes.svg.addEventListener("pointermove", (event) => { if (held) moved(axes.xAt(event)); });
    for (const end of ["pointerup", "pointercancel"]) {
      axes.svg.addEventListener(end, () => { held = false; });
    }
  }
}

/* ---------- activations: f, its derivative, and a point with its tangent ---------- */

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

function activations(spec, table, root) {
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
  const watcher = new ResizeObserver(() => { arrange(); invalidate(); });
  watcher.observe(left.root);
  arrange();
  update();
  return () => { watcher.disconnect(); invalidate.stop(); voice.stop(); };

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

/* ---------- units: weights and biases of one or two units, set by hand ---------- */

// More than two sliders would be too many frames, so these few formulas are computed here;
// the tests hold them against torch.
const UNITS = {
  relu: (z) => Math.max(z, 0),
  sigmoid: (z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z))),
  tanh: Math.tanh,
};

const added = (b) => (b === 0 ? "" : ` ${b < 0 ? "−" : "+"} ${short(Math.abs(b), 2)}`);

/** wx + b with the numbers put in, as one writes it: 2x − 1, −x, 0.5. */
function affine(w, b) {
  if (w === 0) return short(b, 2);
  const factor = w === 1 ? "" : w === -1 ? "−" : short(w, 2);
  return `${factor}x${added(b)}`;
}

function units(spec, table, root) {
  const points = spec.points, count = spec.units;
  const grid = table.subarray(0, points);
  const invalidate = perFrame(update);
  const voice = speaker();
  let lowest = Infinity;

  const sliders = spec.sliders.map((one) => slider(
    one.symbol, one.meaning, one.values.length, one.start, (i) => say(one.values[i], 2), invalidate));
  const numberOf = (i) => spec.sliders[i].values[sliders[i].index];
  const unitChoice = choice("unit", spec.activations, spec.activation, invalidate);
  const targetChoice = choice("target", spec.targets.map((one) => [one.name, one.title]), spec.target,
    () => { lowest = Infinity; invalidate(); });
  const axes = panel(`Graph of ${count === 1 ? "a unit" : "two units, their sum"} and the target`, "y", false);
  axes.x = [grid[0], grid[points - 1]];
  axes.y = spec.y;

  const curves = [["target", "target", 4]];
  if (count === 1) curves.push(["line", "wx + b", 1], ["output", "output", 0]);
  else curves.push(["unit1", "unit 1", 1], ["unit2", "unit 2", 2], ["output", "sum", 0]);
  const layers = {}, rows = make("tbody");
  for (const [name, title, style] of curves) {
    const curve = draw("path", { class: "mlp-curve" });
    axes.plot.append(draw("g", { class: `mlp-style-${style}` }, curve));
    const words = make("td", { "data-curve": name });
    rows.append(make("tr", {}, make("th", { scope: "row" }, sample(style), title), words));
    layers[name] = { curve, words };
  }
  const folds = draw("g", { class: "mlp-style-0" });
  axes.front.append(folds);
  const error = make("strong", { "data-readout": "error" });
  const best = make("span", { "data-readout": "lowest" });
  const wanted = [...sliders.map((one) => one.root), targetChoice.root];
  if (spec.activations.length > 1) wanted.push(unitChoice.root);
  root.append(
    make("div", { class: "mlp-controls" }, ...wanted),
    make("div", { class: "mlp-panels mlp-single" }, axes.root),
    make("p", { class: "mlp-error" }, "Mean squared error: ", error, ", lowest so far: ", best),
    make("table", {}, make("thead", {}, make("tr", {},
      make("th", { scope: "col" }, "curve"), make("th", { scope: "col" }, "formula"))), rows),
    voice.region,
  );
  root.setAttribute("aria-label", `Live figure: ${count === 1 ? "one unit" : "two units"} and a target`);
  const watcher = new ResizeObserver(() => { if (axes.resize()) { axes.drawAxes(); invalidate(); } });
  watcher.observe(axes.root);
  if (axes.resize()) axes.drawAxes();
  update();
  return () => { watcher.disconnect(); invalidate.stop(); voice.stop(); };

  function update() {
    const act = UNITS[unitChoice.select.value];
    const target = spec.targets.find((one) => one.name === targetChoice.select.value);
    const goal = table.subarray(target.offset, target.offset + points);
    const pairs = Array.from({ length: count }, (_, k) => [numberOf(2 * k), numberOf(2 * k + 1)]);
    const shift = count === 2 ? numberOf(4) : 0;
    const output = (x) => pairs.reduce((sum, [w, b]) => sum + act(w * x + b), shift);

    // Between the points of the grid, a curve also needs the points where it folds.
    const isRelu = unitChoice.select.value === "relu";
    const corners = isRelu ? pairs.filter(([w]) => w !== 0).map(([w, b]) => -b / w) : [];
    const inside = [...new Set(corners)].filter((x) => x > grid[0] && x < grid[points - 1]);
    const xs = inside.length ? [...grid, ...inside].sort((a, b) => a - b) : grid;
    const trace = (f) => path(axes, xs, Array.from(xs, f));

    sliders.forEach((one) => one.show());
    layers.target.curve.setAttribute("d", path(axes, grid, goal));
    layers.target.words.textContent = target.title;
    layers.output.curve.setAttribute("d", trace(output));
    const written = pairs.map(([w, b]) => affine(w, b));
    const name = { relu: (z) => `max(${z}, 0)`, sigmoid: (z) => `σ(${z})`, tanh: (z) => `tanh(${z})` };
    const formulas = written.map(name[unitChoice.select.value]);
    if (count === 1) {
      layers.line.curve.setAttribute("d", path(axes, grid, Array.from(grid, (x) => pairs[0][0] * x + pairs[0][1])));
      layers.line.words.textContent = written[0];
      layers.output.words.textContent = formulas[0];
    } else {
      pairs.forEach(([w, b], k) => {
        layers[`unit${k + 1}`].curve.setAttribute("d", trace((x) => act(w * x + b)));
        layers[`unit${k + 1}`].words.textContent = formulas[k];
      });
      layers.output.words.textContent = `unit 1 + unit 2${added(shift)}`;
    }
    folds.replaceChildren(...inside.map((x) =>
      draw("path", { class: "mlp-kink", d: `M${axes.px(x)} ${axes.py(output(x)) - 6}l6 6l-6 6l-6 -6z` })));

    let sum = 0;
    for (let i = 0; i < points; i++) sum += (output(grid[i]) - goal[i]) ** 2;
    const mean = sum / points;
    lowest = Math.min(lowest, mean);
    error.textContent = say(mean);
    error.dataset.value = mean;
    best.textContent = say(lowest);
    voice.say(() => `Mean squared error ${error.textContent}, lowest so far ${best.textContent}.`);
  }
}

/* ---------- the widget ---------- */

const KINDS = { activations, units };

/** The bytes that the kernel sent, as a float32 array of our own. */
function numbers(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

function render({ model, el }) {
  const spec = model.get("_spec");
  const root = make("div", { class: "mlpbook-live", role: "group" });
  el.append(root);
  return KINDS[spec.kind](spec, numbers(model.get("_table")), root);
}

export default { render };
