// What all live figures share. Python puts the file of one figure behind this one; that file
// defines `figure(spec, table, root)`, which builds the figure and returns what ends it.
// Nothing here talks to the kernel, so a figure goes on without one.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 44, right: 14, top: 14, bottom: 34 };
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
function panel(label, ylabel, { drags = true, xlabel = "x", xText = short, yText = short } = {}) {
  const back = draw("g");
  const plot = draw("svg");
  const front = draw("g");
  const svg = draw("svg", { role: "img", "aria-label": label }, back, plot, front);
  if (!drags) svg.classList.add("mlp-fixed");
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
        const text = xText(x);
        if (text === "") continue;
        line(back, x === 0 ? "mlp-axisline" : "mlp-gridline", axes.px(x), 0, axes.px(x), axes.height);
        back.append(draw("text", { x: axes.px(x), y: axes.height + 16, "text-anchor": "middle" }, text));
      }
      for (const y of ticks(...axes.y, Math.max(2, axes.height / 45))) {
        const zero = Math.abs(y) < 1e-9;
        line(back, zero ? "mlp-axisline" : "mlp-gridline", 0, axes.py(y), axes.width, axes.py(y));
        back.append(draw("text", { x: -7, y: axes.py(y) + 4, "text-anchor": "end" }, yText(y)));
      }
      back.append(
        draw("text", { x: axes.width, y: axes.height + 31, "text-anchor": "end" }, xlabel),
        draw("text", { x: -MARGIN.left + 2, y: -4 }, ylabel),
      );
    },
    arrange() { if (axes.resize()) axes.drawAxes(); },
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

/** Draw the figure now, and again whenever its axes get another width; returns what ends it. */
function begin(axes, arrange, update, invalidate, voice) {
  const watcher = new ResizeObserver(() => { arrange(); invalidate(); });
  watcher.observe(axes.root);
  arrange();
  update();
  return () => { watcher.disconnect(); invalidate.stop(); voice.stop(); };
}

/* ---------- the widget ---------- */

/** The bytes that the kernel sent, as a float32 array of our own. */
function numbers(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

function render({ model, el }) {
  const root = make("div", { class: "mlpbook-live", role: "group" });
  el.append(root);
  return figure(model.get("_spec"), numbers(model.get("_table")), root);
}

export default { render };
