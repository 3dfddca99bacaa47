// Shows where the network looked for each word, and what else it might have said. Words come as data and become text, never HTML.

const FINENESS = 32; // cells along each side of the light, as in gaze.py
const DARKEST = 205; // of 255, where no attention lay
const WALK_MILLISECONDS = 900;
const SMALL_PIXELS = 208; // the width of a photo in the strip

const viewers = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun

function mount({ data, parentElement }) {
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  const viewer = viewers.get(parentElement);
  viewer.show(data);
  return () => viewer.stop();
}

class Viewer {
  constructor(root) {
    this.frame = root.querySelector(".photo");
    this.image = root.querySelector("img");
    this.canvas = root.querySelector(".photo canvas");
    this.sentence = root.querySelector(".sentence");
    this.said = root.querySelector(".said");
    this.instead = root.querySelector(".instead");
    this.strip = root.querySelector(".strip");
    this.walkButton = root.querySelector(".walk");
    Object.assign(this.canvas, { width: FINENESS, height: FINENESS });
    this.walkButton.addEventListener("click", () => (this.walking ? this.stop() : this.walk()));
    this.strip.addEventListener("keydown", (event) => this.key(event));
    this.frame.addEventListener("click", () => this.choose(-1)); // the whole photo again
    this.image.addEventListener("load", () => this.paint());
    for (const words of [this.sentence, this.strip]) {
      words.addEventListener("pointermove", (event) => this.scrub(event));
      words.addEventListener("pointerleave", () => !this.walking && this.look(this.chosen));
      words.addEventListener("click", (event) => {
        const position = positionOf(event.target);
        if (position === undefined) return;
        this.stop();
        this.choose(position);
      });
    }
  }

  show(data) {
    const chances = (words) => words?.map((word) => word.chance).join(); // another search may say the same, less surely
    const isNew =
      data.photo !== this.data?.photo || data.said !== this.data?.said || chances(data.words) !== chances(this.data?.words);
    this.data = data;
    this.words = data.words;
    this.tell();
    if (!isNew) return this.look(this.shown); // what else might have been said may have come since
    this.stop();
    if (data.photo) this.image.src = data.photo;
    else this.image.removeAttribute("src");
    this.frame.classList.toggle("waits", !data.photo);
    this.walkButton.hidden = !data.words.length;
    this.buttons = this.words.map((word, position) => makeButton(word, position));
    this.strip.replaceChildren(...this.buttons);
    if (this.image.complete) this.paint();
    this.choose(-1);
  }

  // The sentence word by word; as one piece, if somebody has changed it.
  tell() {
    const { sentence, parts } = this.data;
    this.spans = parts.map((part, position) => {
      const span = document.createElement("span");
      span.textContent = part;
      span.dataset.position = position;
      return span;
    });
    this.sentence.replaceChildren(...(parts.length ? this.spans.flatMap((span) => [span, " "]) : [sentence]));
  }

  scrub(event) {
    if (this.walking) return;
    // A finger's moves all go to what it touched first, so what lies under it has to be asked for.
    const position = positionOf(this.strip.getRootNode().elementFromPoint(event.clientX, event.clientY));
    if (position === undefined || position === this.shown) return;
    if (event.pointerType === "mouse") this.look(position);
    else this.choose(position);
  }

  key(event) {
    const last = this.words.length - 1;
    const next = {
      ArrowRight: Math.min(last, this.chosen + 1), ArrowDown: Math.min(last, this.chosen + 1),
      ArrowLeft: Math.max(0, this.chosen - 1), ArrowUp: Math.max(0, this.chosen - 1),
      Home: 0, End: last, Escape: -1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.stop();
    this.choose(next);
    this.buttons[Math.max(0, next)]?.focus();
  }

  walk() {
    let position = -1;
    const step = () => {
      if (++position >= this.words.length) {
        this.stop();
        return this.choose(-1);
      }
      this.choose(position);
    };
    this.walking = setInterval(step, WALK_MILLISECONDS);
    this.walkButton.textContent = "❚❚";
    this.walkButton.setAttribute("aria-label", "Stop walking through the words");
    step();
  }

  stop() {
    clearInterval(this.walking);
    this.walking = undefined;
    this.walkButton.textContent = "▶";
    this.walkButton.setAttribute("aria-label", "Walk through the words");
  }

  choose(position) {
    this.chosen = position;
    this.buttons.forEach((button, number) => {
      button.setAttribute("aria-checked", String(number === position));
      button.tabIndex = number === Math.max(0, position) ? 0 : -1; // one stop for the Tab key, arrows within
    });
    this.look(position);
  }

  look(position) {
    this.shown = position;
    const word = this.words[position];
    for (const row of [this.spans, this.buttons]) {
      row.forEach((element, number) => element.classList.toggle("shown", number === position));
    }
    this.canvas.classList.toggle("on", Boolean(word));
    const description = word
      ? `For “${word.word}” (${percent(word.chance)} sure) the network looked at ${word.where}.`
      : this.words.length ? "Point at a word, or press ▶, to see where the network looked for it." : "Looking…";
    this.frame.setAttribute("aria-label", word ? `${this.data.sentence} ${description}` : this.data.sentence);
    if (this.said.textContent !== description) this.said.textContent = description;
    if (word) shade(this.canvas.getContext("2d"), word.light);
    this.compare(word);
  }

  // What else might have been said there, below the word itself.
  compare(word) {
    this.instead.hidden = !word?.others.length;
    if (this.instead.hidden) return;
    this.instead.querySelector("p").textContent = `Instead of “${word.word}” it might have said:`;
    const rows = [[word.word, word.chance, "own"], ...word.others].map(([text, chance, name]) => {
      const row = document.createElement("li");
      const label = document.createElement("span");
      const number = document.createElement("small");
      row.className = name ?? "";
      label.textContent = text || "(no more)";
      number.textContent = percent(chance);
      row.append(label, makeBar(chance), number);
      return row;
    });
    this.instead.querySelector("ol").replaceChildren(...rows);
  }

  // The strip: the photo small, once for each word, under the light that fell on it.
  paint() {
    const { naturalWidth, naturalHeight } = this.image;
    if (!naturalWidth || !this.buttons) return;
    this.frame.style.setProperty("--shape", naturalWidth / naturalHeight);
    const light = document.createElement("canvas");
    Object.assign(light, { width: FINENESS, height: FINENESS });
    const size = { width: SMALL_PIXELS, height: Math.max(1, Math.round((SMALL_PIXELS * naturalHeight) / naturalWidth)) };
    this.buttons.forEach((button, position) => {
      const small = Object.assign(button.querySelector("canvas"), size);
      const context = small.getContext("2d");
      shade(light.getContext("2d"), this.words[position].light);
      context.drawImage(this.image, 0, 0, size.width, size.height);
      context.drawImage(light, 0, 0, size.width, size.height);
    });
  }
}

function makeButton({ word, chance }, position) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.position = position;
  button.setAttribute("role", "radio");
  button.setAttribute("aria-label", `${word}, ${percent(chance)} sure`);
  const text = document.createElement("span");
  const number = document.createElement("small");
  text.textContent = word;
  number.textContent = percent(chance);
  button.append(document.createElement("canvas"), text, makeBar(chance), number);
  return button;
}

function makeBar(chance) {
  const bar = document.createElement("i");
  bar.className = "bar";
  bar.style.setProperty("--sure", `${100 * chance}%`);
  return bar;
}

function positionOf(element) {
  const word = element?.closest("[data-position]");
  return word ? Number(word.dataset.position) : undefined;
}

function percent(chance) {
  return chance < 0.005 ? "< 1 %" : `${Math.round(100 * chance)} %`;
}

function shade(context, light) {
  const shade = context.createImageData(FINENESS, FINENESS);
  light.forEach((value, cell) => (shade.data[4 * cell + 3] = Math.round((1 - value / 255) * DARKEST)));
  context.putImageData(shade, 0, 0);
}
