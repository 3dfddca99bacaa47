// Plays ink on a canvas at the speed of a hand. Nothing here is sent back: pausing, seeking and speed cost no rerun.

const players = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun

export default function ({ data, parentElement }) {
  if (!players.has(parentElement)) players.set(parentElement, new Player(parentElement));
  const player = players.get(parentElement);
  player.show(data.ink, data.looks);
  return () => player.rest();
}

class Player {
  constructor(root) {
    this.canvas = root.querySelector("canvas");
    this.caption = root.querySelector("figcaption");
    this.button = root.querySelector(".play");
    this.seek = root.querySelector(".seek");
    this.select = root.querySelector("select");
    this.time = 0; // seconds of writing
    this.playing = false;
    this.button.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.seek.addEventListener("input", () => this.jump((this.seek.value / this.seek.max) * this.duration));
    this.canvas.addEventListener("transitionend", () => this.draw());
    this.resizing = new ResizeObserver(() => this.draw());
  }

  show(ink, looks) {
    const isNew = ink.name !== this.ink?.name;
    this.ink = ink;
    this.looks = looks;
    this.canvas.style.setProperty("--ink", looks.colour);
    this.canvas.style.setProperty("--dark-ink", looks.darkColour);
    this.resizing.observe(this.canvas);
    if (isNew) this.begin();
    else if (this.playing) this.play();
    else this.draw();
  }

  get duration() {
    return this.ink.time.at(-1);
  }

  begin() {
    this.canvas.setAttribute("aria-label", `Handwriting: ${this.ink.text}`);
    this.canvas.style.setProperty("--shape", this.sheet[0] / this.sheet[1]);
    this.letters = [...this.ink.text].map((letter) => {
      const span = document.createElement("span");
      span.textContent = letter;
      return span;
    });
    this.caption.replaceChildren(...this.letters);
    // Whoever asked their system for less motion gets the finished page, and may still press play.
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.time = still ? this.duration : 0;
    if (still) this.pause();
    else this.play();
  }

  // Short texts lie on a sheet of at least this size (mm), so that letters are not blown up.
  get sheet() {
    const [width, height] = this.ink.paper;
    return [Math.max(width, 110), Math.max(height, 26)];
  }

  play() {
    if (this.time >= this.duration) this.time = 0;
    this.playing = true;
    cancelAnimationFrame(this.frame);
    let before = performance.now();
    const step = (now) => {
      // A tab in the background gets no frames: the pen waits there instead of leaping ahead.
      this.time += (Math.min(now - before, 100) / 1000) * Number(this.select.value);
      before = now;
      if (this.time >= this.duration) return this.jump(this.duration);
      this.draw();
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
    this.draw();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.draw();
  }

  jump(time) {
    this.time = time;
    this.pause();
  }

  // Called when Streamlit takes the component away, and before each of its own updates.
  rest() {
    cancelAnimationFrame(this.frame);
    this.resizing.disconnect();
  }

  draw() {
    const { time, ink, canvas } = this;
    const done = time >= this.duration;
    const count = done ? ink.time.length : firstAfter(ink.time, time);
    const size = canvas.clientWidth;
    if (!size) return;
    const pixels = Math.round(size * devicePixelRatio);
    const height = Math.round((pixels * this.sheet[1]) / this.sheet[0]);
    if (canvas.width !== pixels || canvas.height !== height) Object.assign(canvas, { width: pixels, height });
    const context = canvas.getContext("2d");
    const scale = pixels / this.sheet[0]; // pixels a mm
    const across = (this.sheet[0] - ink.paper[0]) / 2;
    const down = (this.sheet[1] - ink.paper[1]) / 2;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(scale, 0, 0, scale, across * scale, down * scale);
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    context.lineWidth = Math.max(this.looks.width, (1.3 * devicePixelRatio) / scale); // never a hair on a small screen
    context.lineCap = context.lineJoin = "round";
    drawStrokes(context, ink, count);
    if (!done) drawNib(context, ink, count, time);
    this.label(count, done);
  }

  label(count, done) {
    const now = done ? -1 : this.ink.character[Math.max(0, count - 1)];
    this.letters.forEach((span, position) => {
      span.className = done || position < now ? "written" : position === now ? "now" : "";
    });
    const [sign, action] = this.playing ? ["❚❚", "Pause"] : done ? ["↻", "Replay"] : ["▶", "Play"];
    if (now >= 0) this.follow(this.letters[now]);
    this.button.textContent = `${sign} ${action}`;
    this.button.setAttribute("aria-label", action);
    this.seek.value = (this.time / this.duration) * this.seek.max;
    this.seek.setAttribute("aria-valuetext", `${Math.round((100 * this.time) / this.duration)} percent written`);
  }

  // Keeps the letter that is being written in sight where the text is too long to be seen whole.
  follow(letter) {
    this.caption.scrollTop = letter.offsetTop - this.caption.offsetTop - this.caption.clientHeight / 2;
  }
}

// The first point that the pen has not reached yet.
function firstAfter(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

// A smooth curve through the first `count` points: the same Catmull-Rom pieces as in handwriting/strokes.py.
function drawStrokes(context, { x, y, penUp }, count) {
  let start = 0;
  for (let end = 0; end < count; end++) {
    if (!penUp[end] && end < count - 1) continue;
    context.beginPath();
    context.moveTo(x[start], y[start]);
    if (start === end) context.lineTo(x[start], y[start]);
    for (let i = start; i < end; i++) {
      const before = Math.max(start, i - 1);
      const after = Math.min(end, i + 2);
      context.bezierCurveTo(
        x[i] + (x[i + 1] - x[before]) / 6, y[i] + (y[i + 1] - y[before]) / 6,
        x[i + 1] - (x[after] - x[i]) / 6, y[i + 1] - (y[after] - y[i]) / 6,
        x[i + 1], y[i + 1],
      );
    }
    context.stroke();
    start = end + 1;
  }
}

// Where the pen is: between the last point and the next, a ring while it is in the air.
function drawNib(context, { x, y, time: times, penUp }, count, time) {
  const last = Math.max(0, count - 1);
  const next = Math.min(last + 1, x.length - 1);
  const share = next === last ? 0 : (time - times[last]) / (times[next] - times[last]);
  context.beginPath();
  context.arc(x[last] + share * (x[next] - x[last]), y[last] + share * (y[next] - y[last]), context.lineWidth * 1.1, 0, 2 * Math.PI);
  if (penUp[last]) {
    context.lineWidth = 0.2;
    context.stroke();
  } else {
    context.fill();
  }
}
