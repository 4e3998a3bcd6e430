
// Flipbook: pictures one after the other. The table holds the marks that all share, then those
// of each frame: how many they are, and of each its kind, its style, its number of points, x, y.

const KINDS = 3; // filled areas, lines, dots, in the order in which they lie on each other
const STYLE_COUNT = 5;

/** The marks of every frame, as views into the table; entry 0 is what all frames share. */
function unpack(table, frames) {
  let at = 0;
  return Array.from({ length: frames }, () => Array.from({ length: table[at++] }, () => {
    const [kind, style, count] = table.subarray(at, at + 3);
    at += 3 + 2 * count;
    return { kind, style, points: table.subarray(at - 2 * count, at) };
  }));
}

const DOT = ["m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z", "m0 -4.5l4.5 8h-9z"];

/** One path for each kind and style; `show` draws marks with them. */
function layersIn(parent) {
  const paths = Array.from({ length: KINDS }, (_, kind) => Array.from({ length: STYLE_COUNT }, (_, style) => {
    const one = draw("path", { class: ["mlp-area", "mlp-curve", "mlp-dot"][kind] });
    parent[kind].append(draw("g", { class: `mlp-style-${style}` }, one));
    return one;
  }));
  return (axes, marks) => {
    const texts = paths.map((row) => row.map(() => ""));
    for (const { kind, style, points } of marks) {
      const xs = points.filter((_, i) => i % 2 === 0), ys = points.filter((_, i) => i % 2 === 1);
      if (kind < 2) texts[kind][style] += path(axes, xs, ys) + (kind === 0 ? "Z" : "");
      else xs.forEach((x, i) => {
        texts[kind][style] += `M${axes.px(x).toFixed(2)} ${axes.py(ys[i]).toFixed(2)}${DOT[style % 2]}`;
      });
    }
    paths.forEach((row, kind) => row.forEach((one, style) => one.setAttribute("d", texts[kind][style])));
  };
}

/** A sample of how a kind of mark looks, for the legend. */
function sampleOf(kind, style) {
  if (kind === 1) return sample(style);
  const shape = kind === 0
    ? draw("rect", { class: "mlp-area", x: 8, y: 1, width: 28, height: 10 })
    : draw("path", { class: "mlp-dot", d: `M22 6${DOT[style % 2]}` });
  return draw("svg", { class: `mlp-sample mlp-style-${style}`, viewBox: "0 0 44 12", "aria-hidden": "true" }, shape);
}

function figure(spec, table, root) {
  const [fixed, ...frames] = unpack(table, spec.captions.length + 1);
  const last = frames.length - 1;
  const rest = matchMedia("(prefers-reduced-motion: reduce)");
  const invalidate = perFrame(update);
  const voice = speaker();
  let playing = 0, began = 0; // the request for the next frame, and when frame 0 was shown

  const button = make("button", { type: "button", "data-lm-suppress-shortcuts": "true" });
  const frame = slider("frame", "", frames.length, 0, (i) => `${i + 1} of ${frames.length}`,
    () => { stop(); invalidate(); });
  const caption = make("p", { class: "mlp-caption" });
  const axes = panel("The frame that the caption describes", spec.ylabel, { drags: false, xlabel: spec.xlabel });
  axes.x = spec.x;
  axes.y = spec.y;
  if (spec.square) axes.root.classList.add("mlp-square");
  const groups = Array.from({ length: KINDS }, () => draw("g"));
  axes.plot.append(...groups);
  const showFixed = layersIn(groups), showFrame = layersIn(groups);
  const legend = make("ul", { class: "mlp-legend" },
    ...spec.labels.map(([style, text, kind]) => make("li", {}, sampleOf(kind, style), text)));

  root.append(
    make("div", { class: "mlp-controls mlp-player" }, button, frame.root),
    caption,
    make("div", { class: "mlp-panels mlp-single" }, axes.root),
    legend,
    voice.region,
  );
  root.setAttribute("aria-label", "Live figure: pictures that play one after the other");
  button.addEventListener("click", () => (playing ? stop() : play()));
  rest.addEventListener("change", stop);
  // It plays by itself once, when the reader first sees it.
  const seen = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    if (!rest.matches && frame.index === 0) play();
  }, { threshold: 0.6 });
  seen.observe(axes.root);
  stop();
  const end = begin(axes, () => { axes.arrange(); showFixed(axes, fixed); }, update, invalidate, voice);
  return () => { seen.disconnect(); stop(); rest.removeEventListener("change", stop); end(); };

  function play() {
    if (frame.index === last) { frame.index = 0; update(); }
    const pace = (1000 * spec.seconds) / last;
    began = performance.now() - frame.index * pace;
    const next = (now) => {
      const due = Math.min(last, Math.max(0, Math.floor((now - began) / pace)));
      if (due !== frame.index) { frame.index = due; update(); }
      if (due === last) stop();
      else playing = requestAnimationFrame(next);
    };
    playing = requestAnimationFrame(next);
    button.textContent = "Pause";
  }

  function stop() {
    cancelAnimationFrame(playing);
    playing = 0;
    button.textContent = "Play";
  }

  function update() {
    frame.show();
    showFrame(axes, frames[frame.index]);
    caption.textContent = spec.captions[frame.index];
    root.dataset.frame = frame.index;
    voice.say(() => caption.textContent);
  }
}
