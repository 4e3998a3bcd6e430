
// Softmax of three logits. Three sliders would be too many frames, so the formula and its
// Jacobian are computed here; the tests hold them against torch.

const INDEX = ["₁", "₂", "₃"];

function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((a) => Math.exp(a - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

function figure(spec, table, root) {
  const invalidate = perFrame(update);
  const voice = speaker();
  const sliders = spec.sliders.map((one) => slider(
    one.symbol, one.meaning, one.values.length, one.start, (i) => say(one.values[i], 2), invalidate));

  const axes = panel("Bars of the three probabilities", "probability",
    { drags: false, xlabel: "", xText: (x) => (INDEX[x - 1] ? `p${INDEX[x - 1]}` : "") });
  axes.x = [0.4, 3.6];
  axes.y = [0, 1.08];
  const bars = INDEX.map(() => {
    const bar = draw("rect", { class: "mlp-bar" });
    const words = draw("text", { class: "mlp-on-bar", "text-anchor": "middle" });
    axes.plot.append(draw("g", { class: "mlp-style-0" }, bar));
    axes.front.append(words);
    return { bar, words };
  });
  const cells = INDEX.map((_, i) => INDEX.map((_, j) =>
    make("td", { "data-readout": "derivative", ...(i === j ? { class: "mlp-diagonal" } : {}) })));
  const heading = (text, scope) => make("th", { scope }, text);
  const jacobian = make("table", { class: "mlp-matrix" },
    make("caption", {}, "The Jacobian: how each probability answers to each logit"),
    make("thead", {}, make("tr", {}, heading("∂p / ∂a", "col"), ...INDEX.map((j) => heading(`∂a${j}`, "col")))),
    make("tbody", {}, ...cells.map((row, i) => make("tr", {}, heading(`∂p${INDEX[i]}`, "row"), ...row))));

  root.append(
    make("div", { class: "mlp-controls" }, ...sliders.map((one) => one.root)),
    make("div", { class: "mlp-panels" }, axes.root, jacobian),
    voice.region,
  );
  root.setAttribute("aria-label", "Live figure: softmax of three logits and its Jacobian");
  return begin(axes, () => axes.arrange(), update, invalidate, voice);

  function update() {
    const p = softmax(sliders.map((one, i) => spec.sliders[i].values[one.index]));
    sliders.forEach((one) => one.show());
    bars.forEach(({ bar, words }, i) => {
      const left = axes.px(i + 0.65), right = axes.px(i + 1.35), top = axes.py(p[i]);
      fill(bar, { x: left, y: top, width: right - left, height: axes.py(0) - top }, []);
      fill(words, { x: (left + right) / 2, y: top - 5 }, []);
      words.textContent = say(p[i], 3);
      words.dataset.value = p[i];
    });
    cells.forEach((row, i) => row.forEach((cell, j) => {
      const derivative = p[i] * ((i === j ? 1 : 0) - p[j]);
      cell.textContent = say(derivative, 3);
      cell.dataset.value = derivative;
    }));
    voice.say(() => `Probabilities ${p.map((share) => say(share, 3)).join(", ")}.`);
  }
}
