// Lights up a photo where the network looked for each word. Words come as data and become text, never HTML.

const FINENESS = 32; // cells along each side of the light, as in gaze.py
const DARKEST = 205; // of 255, where no attention lay
const WALK_MILLISECONDS = 900;

const viewers = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun

export default function ({ data, parentElement }) {
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement));
  const viewer = viewers.get(parentElement);
  viewer.show(data);
  return () => viewer.stop();
}

class Viewer {
  constructor(root) {
    this.frame = root.querySelector(".photo");
    this.image = root.querySelector("img");
    this.canvas = root.querySelector("canvas");
    this.list = root.querySelector(".words");
    this.said = root.querySelector(".said");
    this.walkButton = root.querySelector(".walk");
    Object.assign(this.canvas, { width: FINENESS, height: FINENESS });
    this.walkButton.addEventListener("click", () => (this.walking ? this.stop() : this.walk()));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerleave", () => this.look(this.chosen));
  }

  show({ photo, sentence, words }) {
    if (this.image.src === photo && this.sentence === sentence) return;
    this.stop();
    this.image.src = photo;
    this.sentence = sentence;
    this.words = words;
    this.buttons = words.map((word, position) => this.makeButton(word, position));
    this.list.replaceChildren(...this.buttons);
    this.choose(-1);
  }

  makeButton({ word, percent }, position) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", `${word}, ${percent} percent sure`);
    const text = document.createElement("span");
    const bar = document.createElement("i");
    const number = document.createElement("small");
    text.textContent = word;
    number.textContent = `${percent} %`;
    bar.style.setProperty("--sure", `${percent}%`);
    button.append(text, bar, number);
    // A second click on a word puts it back, and shows the whole photo again.
    button.addEventListener("click", () => {
      this.stop();
      this.choose(position === this.chosen ? -1 : position);
    });
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && !this.walking && this.look(position));
    return button;
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
    const word = this.words[position];
    this.buttons.forEach((button, number) => button.classList.toggle("shown", number === position));
    this.canvas.classList.toggle("on", Boolean(word));
    const description = word
      ? `For “${word.word}” (${word.percent} % sure) the network looked at ${word.where}.`
      : "Point at a word, or press ▶, to see where the network looked for it.";
    this.frame.setAttribute("aria-label", word ? `${this.sentence}. ${description}` : this.sentence);
    this.said.textContent = description;
    if (word) this.shade(word.light);
  }

  shade(light) {
    const context = this.canvas.getContext("2d");
    const shade = context.createImageData(FINENESS, FINENESS);
    light.forEach((value, cell) => (shade.data[4 * cell + 3] = Math.round((1 - value / 255) * DARKEST)));
    context.putImageData(shade, 0, 0);
  }
}
