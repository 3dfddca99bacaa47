// Plays pages of ink on a canvas at the speed of a hand, also while more ink is still being made.
// Nothing here is sent back: pausing, seeking and speed cost no rerun. `Writing` and the brush are in pen_ink.js.

const MOST_MILLISECONDS = 500; // of writing between two frames

const players = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun
const places = new Map(); // where each ink was left, should its place on the page be made anew

function mount({ data, parentElement }) {
  if (!players.has(parentElement)) players.set(parentElement, new Player(parentElement));
  const player = players.get(parentElement);
  player.show(data);
  return () => player.rest();
}

class Player {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    [this.canvas, this.caption, this.button, this.seek, this.speed] = ["canvas", "figcaption", ".play", ".seek", "select"].map(find);
    [this.pages, this.number, this.back, this.on, this.larger] = [".pages", ".number", ".back", ".on", ".larger"].map(find);
    this.dry = document.createElement("canvas"); // whole strokes, so that each is drawn once
    this.time = 0; // seconds of writing
    this.playing = false;
    this.frame = 0; // the next one that was asked for
    this.looking = null; // the page that somebody turned to; else it is the pen's
    this.button.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.seek.addEventListener("input", () => this.jump((this.seek.value / this.seek.max) * this.total));
    this.back.addEventListener("click", () => this.turn(-1));
    this.on.addEventListener("click", () => this.turn(1));
    this.larger.addEventListener("click", () => this.enlarge());
    this.canvas.addEventListener("transitionend", () => this.redraw());
    this.resizing = new ResizeObserver(() => this.draw());
  }

  show(data) {
    const { name, version, over, looks, share } = data;
    const isNew = name !== this.name;
    if (isNew || version !== this.version) this.take(data, isNew);
    Object.assign(this, { name, version, over, looks, share });
    this.canvas.style.setProperty("--ink", looks.colour);
    this.canvas.style.setProperty("--dark-ink", looks.darkColour);
    this.resizing.observe(this.canvas);
    if (isNew) this.begin();
    else if (this.still) this.jump(this.writing.duration);
    else if (this.playing) this.play();
    else this.redraw();
  }

  // More ink, or the same on other paper: the pen goes on at the letter where it was.
  take(data, isNew) {
    const before = this.writing;
    const finished = before && this.over && this.time >= before.duration;
    this.writing = new Writing(data);
    this.line = null; // that is shown under the paper
    this.letters = [];
    if (!isNew && finished) this.time = this.writing.duration;
    else if (!isNew) this.time = this.writing.timeOf(before.placeAt(this.time));
    this.pages.hidden = data.pages.length < 2;
    this.dryKey = "";
  }

  begin() {
    this.looking = null;
    // Whoever asked their system for less motion gets the finished page, and may still press play.
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const left = places.get(this.name);
    if (this.still) return this.jump(this.writing.duration, true);
    this.time = left ? this.writing.timeOf(left) : 0;
    if (left && !left.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.time >= this.writing.duration && this.over) this.time = 0;
    this.playing = true;
    this.still = false;
    this.looking = null;
    if (!this.frame) this.run();
    this.draw();
  }

  // One loop of frames, whatever `show` changes meanwhile: begun anew with each update, it would never move where frames are slow.
  run() {
    let before = performance.now();
    const step = (now) => {
      this.frame = 0;
      if (!this.canvas.isConnected) return;
      // A tab in the background gets no frames: the pen waits there instead of leaping ahead.
      this.time += (Math.min(now - before, MOST_MILLISECONDS) / 1000) * Number(this.speed.value);
      before = now;
      if (this.time >= this.writing.duration && this.over) return this.jump(this.writing.duration);
      // Where there is no more ink yet, the pen rests; `show` sets it going again.
      const waits = this.time >= this.writing.duration;
      this.time = Math.min(this.time, this.writing.duration);
      this.draw();
      if (!waits) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.draw();
  }

  jump(time, still = this.still && time >= this.writing.duration) {
    this.time = Math.min(time, this.writing.duration);
    this.still = still;
    this.looking = null;
    this.pause();
  }

  turn(by) {
    this.looking = Math.min(Math.max(this.page + by, 0), this.writing.pages.length - 1);
    this.draw();
  }

  enlarge() {
    const large = this.larger.getAttribute("aria-pressed") !== "true";
    this.larger.setAttribute("aria-pressed", large);
    this.larger.textContent = large ? "Smaller" : "Larger";
    this.canvas.classList.toggle("large", large);
  }

  // Called when Streamlit takes the component away, and before each of its own updates.
  rest() {
    this.resizing.disconnect();
    places.set(this.name, { ...this.writing.placeAt(this.time), playing: this.playing });
    if (places.size > 50) places.delete(places.keys().next().value);
  }

  redraw() {
    this.dryKey = "";
    this.draw();
  }

  // Seconds of writing, as far as that is known while there is not all of it.
  get total() {
    return this.over ? this.writing.duration : this.writing.duration / Math.max(this.share, 0.01);
  }

  get done() {
    return this.over && this.time >= this.writing.duration;
  }

  draw() {
    const { writing, canvas, time } = this;
    const begun = this.done ? writing.strokes.length : writing.begun(time);
    const stroke = writing.strokes[begun - 1];
    const penPage = stroke?.page ?? 0;
    if (this.playing && penPage !== this.penPage) this.looking = null;
    this.penPage = penPage;
    this.page = Math.min(this.looking ?? penPage, writing.pages.length - 1);
    const paper = writing.pages[this.page].paper;
    canvas.style.setProperty("--shape", paper.width / paper.height);
    const scale = this.size(paper);
    if (!scale) return;
    this.dryUpTo(this.page < penPage || this.done ? Infinity : begun - 1, paper, scale);
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(this.dry, 0, 0);
    if (stroke && !this.done && this.page === penPage) {
      this.ready(context, paper, scale);
      drawStroke(context, stroke, reached(stroke, time));
      drawNib(context, stroke, writing.strokes[begun], time, 1.1 * context.lineWidth);
    }
    this.label(stroke);
  }

  // Makes the canvas as fine as the screen; returns pixels a mm, 0 while it is not on the screen.
  size(paper) {
    const { canvas, dry } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio);
    const height = Math.round((width * paper.height) / paper.width);
    if (!width) return 0;
    if (canvas.width !== width || canvas.height !== height) {
      for (const one of [canvas, dry]) Object.assign(one, { width, height });
      this.dryKey = "";
    }
    this.larger.hidden = this.larger.getAttribute("aria-pressed") !== "true" && canvas.clientWidth > 0.8 * canvas.parentElement.clientWidth;
    return width / paper.width;
  }

  ready(context, paper, scale) {
    context.setTransform(scale, 0, 0, scale, -paper.left * scale, -paper.top * scale);
    context.strokeStyle = context.fillStyle = getComputedStyle(this.canvas).color;
    context.lineWidth = Math.max(this.looks.width, (1.1 * devicePixelRatio) / scale); // never a hair on a small screen
    context.lineCap = context.lineJoin = "round";
  }

  // The page's whole strokes before the `begun`th; drawn anew only when the pen was moved back or something looks different.
  dryUpTo(begun, paper, scale) {
    const context = this.dry.getContext("2d");
    this.ready(context, paper, scale);
    const key = `${this.page} ${scale} ${context.lineWidth} ${context.strokeStyle}`;
    if (key !== this.dryKey || begun < this.dried) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, this.dry.width, this.dry.height);
      this.rule(context, paper, scale);
      this.ready(context, paper, scale);
      Object.assign(this, { dryKey: key, dried: 0 });
    }
    const { strokes } = this.writing;
    const end = Math.min(begun, strokes.length);
    for (; this.dried < end; this.dried++) if (strokes[this.dried].page === this.page) drawStroke(context, strokes[this.dried]);
  }

  rule(context, paper, scale) {
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.strokeStyle = getComputedStyle(this.canvas).caretColor;
    context.lineWidth = Math.max(paper.ruleWidth, (0.8 * devicePixelRatio) / scale);
    context.beginPath();
    for (const [x, y, toX, toY] of paper.rules) {
      context.moveTo(x, y);
      context.lineTo(toX, toY);
    }
    context.stroke();
  }

  label(stroke) {
    const { writing, time, done } = this;
    const waits = this.playing && time >= writing.duration;
    const [sign, action] = this.playing ? ["❚❚", "Pause"] : done ? ["↻", "Replay"] : ["▶", "Play"];
    this.canvas.parentElement.classList.toggle("waits", waits);
    this.button.textContent = `${sign} ${action}`;
    this.button.setAttribute("aria-label", action);
    const share = this.total ? time / this.total : 0;
    this.seek.value = share * this.seek.max;
    this.seek.setAttribute("aria-valuetext", `${Math.round(100 * share)} percent written`);
    this.number.textContent = `Page ${this.page + 1} of ${writing.pages.length}${this.over ? "" : "…"}`;
    [this.back.disabled, this.on.disabled] = [this.page === 0, this.page >= writing.pages.length - 1];
    this.tell(`Handwriting: ${writing.pages[this.page].lines.map((line) => line.text).join("\n")}`);
    this.light(stroke);
  }

  tell(words) {
    if (this.canvas.getAttribute("aria-label") !== words) this.canvas.setAttribute("aria-label", words);
  }

  // The line that is being written, with the letter that the network's window looks at.
  light(stroke) {
    const { writing, done } = this;
    const all = done && writing.lines > 1;
    const line = all ? writing : stroke?.line ?? null;
    if (line !== this.line) {
      this.line = line;
      this.letters = all ? [] : [...(line?.text ?? "")].map((letter) => Object.assign(document.createElement("span"), { textContent: letter }));
      this.caption.replaceChildren(...(all ? [`${writing.lines} lines, ${length(writing.duration)} of writing`] : this.letters));
    }
    const now = done || !stroke ? -1 : stroke.letter[Math.max(0, reached(stroke, this.time) - 1)];
    this.letters.forEach((span, letter) => (span.className = done || letter < now ? "written" : letter === now ? "now" : ""));
  }
}

function length(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return minutes ? `${minutes} min ${rest} s` : `${rest} s`;
}
