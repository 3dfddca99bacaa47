// A sheet to write on. What is drawn stays in the browser until its writer has done; then it is sent once, as numbers.

const ROOM = 22; // pixels across that a character should have at least; below that, the words go into more rows
const MOST_ROWS = 4;
const ROW = 150; // pixels from one row to the next
const BASELINE = 0.66; // where it lies in its row
const X_HEIGHT = 0.24; // how far above it a small letter should reach
const WIDTH = 2.6; // of the line, pixels

const pads = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun
const drawing = { strokes: [] }; // outlives its sheet: whoever closes the window by mistake finds it again

function mount({ data, parentElement, setTriggerValue }) {
  if (!pads.has(parentElement)) pads.set(parentElement, new Pad(parentElement));
  const pad = pads.get(parentElement);
  pad.send = (sample) => setTriggerValue("drawn", sample);
  pad.show(data);
  return () => pad.rest();
}

class Pad {
  constructor(root) {
    for (const name of ["undo", "clear", "done", "said"]) this[name] = root.querySelector(`.${name}`);
    this.canvas = root.querySelector("canvas");
    this.words = root.querySelector("input");
    this.press(this.undo, () => this.change(() => drawing.strokes.pop()));
    this.press(this.clear, () => this.change(() => (drawing.strokes = [])));
    this.press(this.done, () => this.finish());
    this.words.addEventListener("input", () => this.change(() => (drawing.words = this.words.value)));
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, (event) => this.end(event));
    this.canvas.addEventListener("transitionend", () => this.draw());
    this.resizing = new ResizeObserver(() => this.change(() => {}));
  }

  // Buttons that can do nothing now are said to be off and stay where the keyboard is: the focus is not lost with them.
  press(button, act) {
    button.addEventListener("click", () => button.getAttribute("aria-disabled") === "true" || act());
  }

  show({ words, longest, most, turn }) {
    this.most = most;
    this.words.maxLength = longest;
    if (drawing.turn !== turn) Object.assign(drawing, { turn, strokes: [], words: drawing.words ?? words });
    this.words.value = drawing.words;
    this.stroke = undefined;
    this.busy = false;
    this.resizing.observe(this.canvas);
    this.change(() => {});
  }

  // Called when Streamlit takes the component away, and before each of its own updates.
  rest() {
    this.resizing.disconnect();
  }

  begin(event) {
    if (this.stroke || event.button !== 0 || this.busy || this.count >= this.most) return;
    if (event.pointerType === "touch" && drawing.stylus) return; // the hand that holds the pen
    if (event.pointerType === "pen") drawing.stylus = true;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.stroke = { pointer: event.pointerId, points: [] };
    drawing.strokes.push(this.stroke.points);
    this.take(event);
    this.tell();
  }

  move(event) {
    if (event.pointerId !== this.stroke?.pointer) return;
    // Between two frames the pointer has been at many places, and the browser kept them.
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const place of passed.length ? passed : [event]) this.take(place);
  }

  end(event) {
    if (event.pointerId !== this.stroke?.pointer) return;
    this.stroke = undefined;
    this.change(() => {});
  }

  take(event) {
    if (this.count >= this.most) return;
    const box = this.canvas.getBoundingClientRect();
    const scale = drawing.sheet.width / box.width;
    const { points } = this.stroke;
    const point = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale, event.timeStamp / 1000];
    const before = points.at(-1);
    if (before && before[0] === point[0] && before[1] === point[1]) return;
    points.push(point);
    if (this.context) this.ink([before ?? point, point]);
  }

  get count() {
    return drawing.strokes.reduce((sum, points) => sum + points.length, 0);
  }

  // Lets something happen to the drawing, and shows what has become of it.
  change(happen) {
    if (this.stroke) return;
    happen();
    if (!drawing.strokes.length && this.canvas.clientWidth) drawing.sheet = layOut(drawing.words, this.canvas.clientWidth);
    if (drawing.sheet) this.draw();
    this.tell();
  }

  tell() {
    const some = drawing.strokes.length > 0;
    const off = !some || this.busy;
    for (const button of [this.undo, this.clear]) button.setAttribute("aria-disabled", String(off));
    this.done.setAttribute("aria-disabled", String(off || !drawing.words.trim()));
    const strokes = `${drawing.strokes.length} stroke${drawing.strokes.length === 1 ? "" : "s"}`;
    this.canvas.setAttribute("aria-label", `Sheet to write on: “${drawing.words}”. ${some ? strokes : "Empty"}.`);
    this.said.textContent = this.busy
      ? "Looking at your hand…"
      : this.count >= this.most
        ? "The sheet is full; undo a stroke, or use what is there."
        : some
          ? ""
          : "Write with a pen, a finger or the mouse, as you usually do.";
  }

  finish() {
    const round = (number, digits) => Math.round(number * 10 ** digits) / 10 ** digits;
    const start = drawing.strokes[0][0][2];
    const strokes = drawing.strokes.map((points) =>
      points.map(([x, y, time]) => [round(x, 2), round(y, 2), round(time - start, 4)]),
    );
    this.busy = true;
    this.tell();
    this.send({ words: drawing.words, strokes, rows: drawing.sheet.rows.length, height: ROW });
  }

  draw() {
    const { canvas } = this;
    const { width, rows } = drawing.sheet;
    canvas.style.aspectRatio = width / (rows.length * ROW);
    if (!canvas.clientWidth) return;
    const pixels = Math.round(canvas.clientWidth * devicePixelRatio);
    const scale = pixels / width;
    Object.assign(canvas, { width: pixels, height: Math.round(rows.length * ROW * scale) });
    this.context = canvas.getContext("2d");
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    const style = getComputedStyle(canvas);
    Object.assign(this.context, { strokeStyle: style.color, fillStyle: style.color, lineCap: "round", lineJoin: "round" });
    this.rule(style.fontFamily);
    for (const points of drawing.strokes) this.ink(points.length > 1 ? points : [points[0], points[0]]);
  }

  // The lines to write on, and over each what is to stand there.
  rule(font) {
    const { context } = this;
    const { width, rows } = drawing.sheet;
    context.save();
    rows.forEach((words, row) => {
      const base = (row + BASELINE) * ROW;
      context.globalAlpha = 0.35;
      this.line(base, []);
      context.globalAlpha = 0.2;
      this.line(base - X_HEIGHT * ROW, [2, 6]);
      context.globalAlpha = 0.6;
      context.font = `14px ${font}`;
      context.fillText(words, 14, row * ROW + 22, width - 28);
    });
    context.restore();
  }

  line(y, dashes) {
    this.context.setLineDash(dashes);
    this.context.lineWidth = 1;
    this.context.beginPath();
    this.context.moveTo(12, y);
    this.context.lineTo(drawing.sheet.width - 12, y);
    this.context.stroke();
  }

  ink(points) {
    this.context.lineWidth = WIDTH;
    this.context.beginPath();
    this.context.moveTo(points[0][0], points[0][1]);
    for (const [x, y] of points) this.context.lineTo(x, y);
    this.context.stroke();
  }
}

// Rows of about the same length, as few as leave each character its room.
function layOut(text, width) {
  const words = text.trim().split(/\s+/);
  const length = words.join(" ").length;
  const count = Math.min(MOST_ROWS, words.length, Math.max(1, Math.ceil((length * ROOM) / (width - 28))));
  const rows = [];
  for (const word of words) {
    const row = rows.at(-1);
    const full = row === undefined || (rows.length < count && row.length + word.length / 2 >= length / count);
    if (full) rows.push(word);
    else rows[rows.length - 1] = `${row} ${word}`;
  }
  return { width, rows };
}
