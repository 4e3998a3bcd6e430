
// Depth: the gradient that arrives at the input of a chain of units. The table holds its
// decimal logarithm, which torch computed: for each unit, each weight, each depth from 1.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (power) => String(power).replace("-", "⁻").replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);
const tenTo = (power) => (power === 0 ? "1" : `10${raised(power)}`);

/** 10 to the power of `logarithm`, also where that is too small or too large to print in full. */
function magnitude(logarithm) {
  const power = Math.floor(logarithm + 1e-6);
  if (power >= -3 && power < 4) return say(10 ** logarithm, Math.max(0, 3 - power));
  return `${(10 ** (logarithm - power)).toFixed(2)} · ${tenTo(power)}`;
}

function figure(spec, table, root) {
  const { deepest } = spec;
  const invalidate = perFrame(update);
  const voice = speaker();
  const weight = slider(spec.slider.symbol, spec.slider.meaning, spec.slider.values.length,
    spec.slider.start, (i) => say(spec.slider.values[i], 2), invalidate);
  const depth = slider("depth", "", deepest, spec.depth - 1, (i) => String(i + 1), invalidate);

  const axes = panel("Graph of the gradient at the input against the depth", "gradient at the input",
    { xlabel: "depth", yText: tenTo });
  const depths = Array.from({ length: deepest }, (_, i) => i + 1);
  axes.x = [0, deepest];
  axes.y = limitsOf(table.reduce((a, b) => Math.min(a, b)), table.reduce((a, b) => Math.max(a, b)));
  const hair = line(axes.plot, "mlp-hair", 0, 0, 0, 0);
  const rows = make("tbody"), caption = make("caption");
  const layers = spec.units.map(([name, title], style) => {
    const one = {
      title,
      curve: draw("path", { class: "mlp-curve" }),
      point: draw("circle", { class: "mlp-point", r: 5.5 }),
      gradient: make("td", { "data-readout": "gradient" }),
      factor: make("td", { "data-readout": "factor" }),
    };
    axes.plot.append(draw("g", { class: `mlp-style-${style}` }, one.curve));
    axes.front.append(draw("g", { class: `mlp-style-${style}` }, one.point));
    rows.append(make("tr", { "data-unit": name },
      make("th", { scope: "row" }, sample(style), title), one.gradient, one.factor));
    return one;
  });

  root.append(
    make("div", { class: "mlp-controls" }, weight.root, depth.root),
    make("div", { class: "mlp-panels mlp-single" }, axes.root),
    make("table", {}, caption, make("thead", {}, make("tr", {},
      ...["unit", "gradient at the input", "mean factor"].map((text) => make("th", { scope: "col" }, text)))), rows),
    voice.region,
  );
  root.setAttribute("aria-label", "Live figure: the gradient at the input of a chain of units");
  dragX([axes], depth.input, (x) => { depth.index = Math.round(x) - 1; invalidate(); });
  return begin(axes, () => axes.arrange(), update, invalidate, voice);

  function update() {
    weight.show();
    depth.show();
    const count = depth.index + 1;
    const across = axes.px(count);
    place(hair, across, 0, across, axes.height);
    caption.textContent = `${count} unit${count > 1 ? "s" : ""}, weight ${say(spec.slider.values[weight.index], 2)}`;
    layers.forEach((one, i) => {
      const from = (i * spec.slider.values.length + weight.index) * deepest;
      const logarithms = table.subarray(from, from + deepest);
      const here = logarithms[count - 1];
      one.curve.setAttribute("d", path(axes, depths, logarithms));
      fill(one.point, { cx: across, cy: axes.py(here) }, []);
      one.gradient.textContent = magnitude(here);
      one.gradient.dataset.value = here;
      one.factor.textContent = say(10 ** (here / count), 3);
    });
    voice.say(() => `${caption.textContent}. `
      + layers.map((one) => `${one.title}: ${one.gradient.textContent}`).join(". "));
  }
}
