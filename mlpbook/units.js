
// Units: weights and biases of one or two units, set by hand. More than two sliders would be
// too many frames, so these few formulas are computed here; the tests hold them against torch.

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

function figure(spec, table, root) {
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
  const axes = panel(`Graph of ${count === 1 ? "a unit" : "two units, their sum"} and the target`, "y", { drags: false });
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
  return begin(axes, () => axes.arrange(), update, invalidate, voice);

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
