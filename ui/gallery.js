// Hands to choose from, each shown by a line of its ink. Ink and names come as data: elements are made one by one, never from HTML.

const SVG = "http://www.w3.org/2000/svg";
const PATIENCE = 250; // milliseconds that the keyboard may walk on before a choice is told
// A nib with the line that it draws, for the hand that shows itself only when it writes.
const NIB = "M6 7.6c4-5 7 2 10-1s5-1 8 .6M33.5 1.2l1.6 1.6-6 5.4-2.6.8.9-2.5zM28 6.6l1.3 1.3";

const galleries = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun

function mount({ data, parentElement, setTriggerValue }) {
  if (!galleries.has(parentElement)) galleries.set(parentElement, new Gallery(parentElement));
  const gallery = galleries.get(parentElement);
  gallery.send = (name, turn) => setTriggerValue("chosen", { name, turn });
  gallery.show(data);
  return () => gallery.rest();
}

class Gallery {
  constructor(root) {
    this.label = root.querySelector("p");
    this.list = root.querySelector(".hands");
    this.list.addEventListener("keydown", (event) => this.key(event));
    // What was folded away when the choice was marked has no width until it is opened.
    this.opening = new ResizeObserver(() => this.reveal());
  }

  // Called when Streamlit takes the component away, and before each of its own updates: a choice that waits goes on waiting.
  rest() {
    this.opening.disconnect();
  }

  // Choices are numbered. While the page has not answered the last one, what it says is chosen is out of date.
  show({ hands, chosen, answered, label, box }) {
    this.label.textContent = label;
    const shown = JSON.stringify(hands);
    if (shown !== this.shown) {
      const focused = this.buttons?.findIndex((button) => button.matches(":focus")) ?? -1;
      this.hands = hands;
      this.buttons = hands.map((hand, place) => this.makeButton(hand, place, box));
      this.list.replaceChildren(...this.buttons);
      if (focused >= 0) this.buttons[Math.min(focused, hands.length - 1)].focus();
      this.shown = shown;
      this.chosen = undefined;
    }
    this.turn ??= answered;
    if (this.turn <= answered) this.wanted = chosen;
    this.mark(hands.findIndex((hand) => hand.name === this.wanted));
    this.opening.observe(this.list);
  }

  makeButton({ title, ink }, place, box) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-label", title);
    button.title = title;
    const name = document.createElement("span");
    name.textContent = title;
    button.append(ink.length ? picture(ink, box) : nib(), name);
    button.addEventListener("click", () => this.choose(place, 0));
    return button;
  }

  key(event) {
    const last = this.hands.length - 1;
    const now = Math.max(0, this.chosen);
    const next = {
      ArrowRight: now === last ? 0 : now + 1, ArrowDown: now === last ? 0 : now + 1,
      ArrowLeft: now === 0 ? last : now - 1, ArrowUp: now === 0 ? last : now - 1,
      Home: 0, End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.choose(next, PATIENCE);
    this.buttons[next].focus();
  }

  choose(place, patience) {
    clearTimeout(this.waiting);
    this.mark(place);
    this.wanted = this.hands[place].name;
    this.turn += 1;
    this.waiting = setTimeout(() => this.list.isConnected && this.send(this.wanted, this.turn), patience);
  }

  mark(place) {
    if (place === this.chosen) return;
    this.chosen = place;
    this.buttons.forEach((button, number) => {
      button.setAttribute("aria-checked", String(number === place));
      button.tabIndex = number === Math.max(0, place) ? 0 : -1; // one stop for the Tab key, arrows within
    });
    this.reveal();
  }

  // Only the strip moves sideways: the page stays where it is.
  reveal() {
    const button = this.buttons[this.chosen];
    if (button) this.list.scrollLeft = button.offsetLeft - this.list.offsetLeft - (this.list.clientWidth - button.offsetWidth) / 2;
  }
}

// Ink: a list of strokes, each x, y, x, y, … in mm within the box.
function picture(ink, [width, height]) {
  const drawing = blank(width, height, "xMinYMid meet", 0.5);
  for (const stroke of ink) {
    const line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", (stroke.length > 2 ? stroke : [...stroke, ...stroke]).map(Number).join(" "));
    drawing.append(line);
  }
  return drawing;
}

function nib() {
  const drawing = blank(42, 11, "xMidYMid meet", 0.6);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", NIB);
  drawing.append(path);
  drawing.classList.add("whole");
  return drawing;
}

function blank(width, height, fit, thickness) {
  const drawing = document.createElementNS(SVG, "svg");
  const looks = {
    viewBox: `0 0 ${Number(width)} ${Number(height)}`, preserveAspectRatio: fit, "aria-hidden": "true", fill: "none",
    stroke: "currentColor", "stroke-width": thickness, "stroke-linecap": "round", "stroke-linejoin": "round",
  };
  for (const [name, value] of Object.entries(looks)) drawing.setAttribute(name, value);
  return drawing;
}
