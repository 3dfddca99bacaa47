// Ink, and what went on while it was written, on one axis of time. A pointer on any of it shows that moment in all of it, also in
// the other pictures of the same ink. Nothing is sent back.

const timelines = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun
const MOMENT = "show-and-scribe-moment";
const GUTTER = 18; // pixels on the left, for the names of rows

function mount({ data, parentElement }) {
  if (!timelines.has(parentElement)) timelines.set(parentElement, new Timeline(parentElement));
  const timeline = timelines.get(parentElement);
  timeline.show(data);
  return () => timeline.rest();
}

class Timeline {
  constructor(root) {
    this.root = root;
    this.place = root.querySelector(".panels");
    this.seek = root.querySelector(".seek");
    this.output = root.querySelector("output");
    this.moment = 0;
    this.seek.addEventListener("input", () => this.tell(Number(this.seek.value)));
    this.resizing = new ResizeObserver(() => this.draw());
    this.listen = ({ detail }) => detail.of === this.data?.of && this.go(detail.moment);
  }

  show(data) {
    const isNew = data.of !== this.data?.of;
    this.data = data;
    if (isNew) this.moment = Math.min(data.begin ?? 0, data.count - 1);
    this.panels = data.panels.map((panel) => ({ ...panel, values: decode(panel.values), glow: decodeGlow(panel.glow) }));
    this.canvases = this.panels.map((panel) => this.canvasFor(panel));
    this.place.replaceChildren(...this.canvases.map((canvas) => canvas.parentElement));
    this.place.classList.toggle("timed", data.count > 1);
    this.root.querySelector(".reading").hidden = data.count < 2;
    this.seek.max = data.count - 1;
    document.addEventListener(MOMENT, this.listen);
    this.resizing.observe(this.place);
    this.go(this.moment);
  }

  // Called when Streamlit takes the component away, and before each of its own updates.
  rest() {
    document.removeEventListener(MOMENT, this.listen);
    this.resizing.disconnect();
  }

  canvasFor(panel) {
    const figure = document.createElement("figure");
    const title = document.createElement("figcaption");
    const canvas = document.createElement("canvas");
    title.textContent = panel.title;
    title.hidden = !panel.title;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", panel.label);
    canvas.addEventListener("transitionend", () => this.draw());
    if (this.data.count > 1) {
      const point = (event) => this.tell(momentAt(panel, canvas, event, this.data.count));
      canvas.addEventListener("pointermove", point);
      canvas.addEventListener("pointerdown", point);
    }
    figure.append(title, canvas);
    return canvas;
  }

  tell(moment) {
    document.dispatchEvent(new CustomEvent(MOMENT, { detail: { of: this.data.of, moment } }));
  }

  go(moment) {
    this.moment = Math.min(Math.max(moment, 0), this.data.count - 1);
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { data, moment } = this;
    const colours = Object.fromEntries(
      ["cold", "hot"].map((name) => [name, channels(getComputedStyle(this.root.querySelector(`.${name}`)).color)]),
    );
    this.panels.forEach((panel, place) => drawPanel(panel, this.canvases[place], data.count, moment, colours));
    const parts = [`point ${moment + 1} of ${data.count}`];
    if (data.letters) parts.push(`reads “${data.letters[moment]}”`);
    for (const { name, values, kind } of this.panels) if (kind === "curve") parts.push(`${name} ${values[moment].toFixed(2)}`);
    this.output.textContent = parts.join(" · ");
    this.seek.value = moment;
    this.seek.setAttribute("aria-valuetext", this.output.textContent);
  }
}

// The step that a pointer means: by time, or, on ink in the plane, the nearest point.
function momentAt(panel, canvas, event, count) {
  const box = canvas.getBoundingClientRect();
  const x = event.clientX - box.left;
  if (panel.kind !== "ink" || panel.stretched) return Math.floor(((x - GUTTER) / (box.width - GUTTER)) * count);
  const { scale, left, top } = frame(panel, box.width);
  const across = (x - left) / scale;
  const down = (event.clientY - box.top - top) / scale;
  let nearest = 0;
  let least = Infinity;
  panel.x.forEach((px, i) => {
    const distance = (px - across) ** 2 + (panel.y[i] - down) ** 2;
    if (distance < least) [nearest, least] = [i, distance];
  });
  return nearest;
}

// How ink lies in a canvas so wide: pixels for its unit, and where its origin is.
function frame({ x, y, stretched, glow }, width) {
  const pad = 10;
  if (!frame.known) frame.known = new WeakMap();
  if (!frame.known.has(x)) frame.known.set(x, [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)]);
  let [x0, x1, y0, y1] = frame.known.get(x);
  if (glow) [x0, x1, y0, y1] = [glow.left, glow.left + glow.columns * glow.cell, glow.top, glow.top + glow.rows * glow.cell];
  if (stretched) {
    const scale = (width - GUTTER) / stretched; // its unit is a step of time
    return { scale, left: GUTTER, top: pad - y0 * scale, height: (y1 - y0) * scale + 2 * pad };
  }
  const scale = Math.min((width - 2 * pad) / Math.max(x1 - x0, 1e-6), (glow ? 240 : 150) / Math.max(y1 - y0, 1e-6));
  return { scale, left: (width - (x0 + x1) * scale) / 2, top: pad - y0 * scale, height: (y1 - y0) * scale + 2 * pad };
}

const HEIGHTS = {
  map: ({ rows, count }) => Math.min(Math.max(rows.length ? rows.length * 12 : count * 5, 36), 340) + 2,
  curve: () => 84,
  ink: (panel, width) => frame(panel, width).height,
};
const PAINTERS = { map: drawMap, curve: drawCurve, ink: drawInk };

function drawPanel(panel, canvas, count, moment, colours) {
  const width = canvas.clientWidth;
  if (!width) return;
  const height = HEIGHTS[panel.kind](panel, width);
  const sharp = devicePixelRatio;
  const size = { width: Math.round(width * sharp), height: Math.round(height * sharp) };
  if (canvas.width !== size.width || canvas.height !== size.height) {
    canvas.style.height = `${height}px`;
    Object.assign(canvas, size);
  }
  const context = canvas.getContext("2d");
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  context.clearRect(0, 0, width, height);
  const view = { context, width, height, count, moment, colours, text: getComputedStyle(canvas).color };
  PAINTERS[panel.kind](panel, view);
  if (count > 1 && (panel.kind !== "ink" || panel.stretched)) drawCursor(view);
}

function drawCursor({ context, width, height, count, moment, text }) {
  const x = GUTTER + ((moment + 0.5) / count) * (width - GUTTER);
  context.globalAlpha = 0.55;
  context.strokeStyle = text;
  context.lineWidth = 1;
  line(context, x, 0, x, height);
  context.globalAlpha = 1;
}

// A row for each character (or component), a column for each step.
function drawMap({ rows, values, count: many }, { context, width, height, count, text, colours }) {
  const [red, green, blue] = colours.cold;
  const lines = rows.length || many;
  const pixels = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => pixels.set([red, green, blue, value], 4 * i));
  const picture = new OffscreenCanvas(count, lines);
  picture.getContext("2d").putImageData(new ImageData(pixels, count, lines), 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, GUTTER, 0, width - GUTTER, height);
  const step = height / lines;
  if (step < 7) return;
  context.fillStyle = text;
  context.font = `${Math.min(11, step)}px monospace`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  rows.forEach((name, row) => context.fillText(name, GUTTER / 2, (row + 0.5) * step));
}

function drawCurve({ values, low, high }, { context, width, height, count, text, colours }) {
  const x = (step) => GUTTER + ((step + 0.5) / count) * (width - GUTTER);
  const y = (value) => height - 8 - ((value - low) / (high - low)) * (height - 16);
  context.globalAlpha = 0.35;
  context.strokeStyle = context.fillStyle = text;
  if (low < 0 && high > 0) line(context, GUTTER, y(0), width, y(0));
  context.globalAlpha = 0.75;
  context.font = "10px sans-serif";
  context.textBaseline = "middle";
  for (const value of [low, high]) context.fillText(String(value), 2, y(value));
  context.globalAlpha = 1;
  context.strokeStyle = `rgb(${colours.cold})`;
  context.lineWidth = 1.4;
  context.beginPath();
  values.forEach((value, step) => context.lineTo(x(step), y(value)));
  context.stroke();
}

function drawInk(panel, view) {
  const { context, width, moment, count, text, colours } = view;
  const { scale, left, top } = frame(panel, width);
  const { x, y, penUp, values, marks, glow } = panel;
  const at = (i) => [left + x[i] * scale, top + y[i] * scale];
  if (glow) drawGlow(glow, view, { scale, left, top });
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = glow ? 0.8 : values ? 2.6 : 1.7;
  context.globalAlpha = glow ? 0.45 : 1; // the light is what is looked at
  for (let i = 0; i < x.length; i++) {
    const ends = i === x.length - 1 || penUp[i];
    if (ends && i > 0 && !penUp[i - 1]) continue;
    const value = values?.[Math.min(i, values.length - 1)];
    context.strokeStyle = values ? between(value, text, colours) : text;
    line(context, ...at(i), ...at(ends ? i : i + 1));
  }
  context.globalAlpha = 1;
  // Where a cell is at its strongest for a moment only, no line would show it.
  values?.forEach((value, i) => Math.abs(value - 128) > 76 && drawMark(context, at(i), value > 128 ? 0.4 : 0, colours));
  for (const [step, level] of marks ?? []) drawMark(context, at(step), level, colours);
  if (count < 2) return;
  context.beginPath();
  context.arc(...at(Math.min(moment, x.length - 1)), 5, 0, 2 * Math.PI);
  context.lineWidth = 1.6;
  context.strokeStyle = `rgb(${colours.hot})`;
  context.stroke();
}

// Where a level ended a segment: a dot on the ink, the higher the level the larger.
function drawMark(context, [x, y], level, colours) {
  context.fillStyle = `rgb(${level ? colours.hot : colours.cold})`;
  context.beginPath();
  context.arc(x, y, 1.8 + 1.6 * Math.round(level), 0, 2 * Math.PI);
  context.fill();
}

function drawGlow(glow, { context, colours }, { scale, left, top }) {
  const pixels = new Uint8ClampedArray(4 * glow.values.length);
  glow.values.forEach((value, i) => pixels.set([...colours.hot, value], 4 * i));
  const picture = new OffscreenCanvas(glow.columns, glow.rows);
  picture.getContext("2d").putImageData(new ImageData(pixels, glow.columns, glow.rows), 0, 0);
  const side = glow.cell * scale;
  context.drawImage(picture, left + glow.left * scale, top + glow.top * scale, glow.columns * side, glow.rows * side);
}

// From cold (0) over grey (128) to hot (255).
function between(value, text, { cold, hot }) {
  const share = (value - 128) / 127;
  const grey = channels(text).map((channel) => 0.35 * channel + 0.65 * 128);
  const end = share < 0 ? cold : hot;
  const mix = grey.map((channel, i) => Math.round(channel + Math.abs(share) * (end[i] - channel)));
  return `rgb(${mix} / ${0.35 + 0.65 * Math.abs(share)})`.replaceAll(",", " ");
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function channels(colour) {
  return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function decode(values) {
  return typeof values === "string" ? Uint8Array.from(atob(values), (sign) => sign.charCodeAt(0)) : values;
}

function decodeGlow(glow) {
  return glow && { ...glow, values: decode(glow.values) };
}
