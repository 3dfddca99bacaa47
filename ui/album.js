// Photos with their sentences; a click asks for one of them to be seen closely. Words come as data and become text, never HTML.

function mount({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".album");
  while (list.children.length > data.cards.length) list.lastChild.remove();
  data.cards.forEach((card, position) => {
    const item = list.children[position] ?? list.appendChild(makeItem());
    fill(item.firstChild, card, card.key === data.chosen);
    item.firstChild.onclick = () => {
      setTriggerValue("chosen", card.key);
      document.querySelector(".st-key-gaze")?.scrollIntoView({ block: "center", behavior: "smooth" }); // where it is seen closely
    };
  });
}

function makeItem() {
  const item = document.createElement("li");
  const card = document.createElement("button");
  card.type = "button";
  const frame = document.createElement("span");
  frame.className = "picture";
  frame.append(document.createElement("img"));
  const words = document.createElement("span");
  words.className = "words";
  const name = document.createElement("span");
  name.className = "name";
  card.append(frame, words, name);
  item.append(card);
  return item;
}

function fill(card, { name, sentence, problem, picture }, isChosen) {
  const image = card.querySelector("img");
  card.className = sentence || problem ? "card" : "card waits";
  card.disabled = !sentence;
  card.setAttribute("aria-pressed", String(isChosen));
  if (picture && image.src !== picture) image.src = picture;
  if (!picture) image.removeAttribute("src");
  image.alt = sentence;
  card.querySelector(".words").textContent = problem ? `Cannot be used: ${problem}.` : sentence || "…";
  card.querySelector(".name").textContent = name;
}
