// Shows a card as a picture: an SVG file that writes itself, by CSS and without scripts, as browsers allow it in an image.

const desks = new WeakMap(); // one for each place on the page; Streamlit calls the function below at every rerun

function mount({ data, parentElement }) {
  if (!desks.has(parentElement)) desks.set(parentElement, new Desk(parentElement));
  desks.get(parentElement).show(data);
}

class Desk {
  constructor(root) {
    this.image = root.querySelector("img");
    this.button = root.querySelector("button");
    this.button.addEventListener("click", () => this.lay(this.card.svg));
  }

  show(card) {
    const before = this.card;
    this.card = card;
    this.image.alt = card.alt;
    this.image.style.setProperty("--shape", card.shape);
    this.image.hidden = false;
    this.button.hidden = !card.words;
    if (before?.svg === card.svg) return;
    // Words that were written before the visitor's eyes stand there when paper or border changes.
    const isNew = card.words && card.words !== before?.words;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches; // images do not ask for themselves
    this.lay(isNew && !still ? card.svg : card.svg.replace(/<style>[^]*?<\/style>/, ""));
  }

  lay(svg) {
    const old = this.image.src;
    this.image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    if (old) URL.revokeObjectURL(old);
  }
}
