// Ink as it was sent, unpacked: strokes in writing order, and when the pen is at each of their points.

class Writing {
  constructor({ pages, pace }) {
    this.pages = pages;
    this.strokes = [];
    const pen = { x: 0, y: 0, clock: 0, page: 0 };
    pages.forEach(({ lines }, page) => lines.forEach((line) => this.unpack(line, page, pen, pace)));
    this.duration = pen.clock;
    this.lines = pages.reduce((sum, { lines }) => sum + lines.length, 0);
  }

  // A line is sent as moves between its points in hundredths of a mm, the sizes of its strokes, and runs of letters.
  unpack(line, page, pen, pace) {
    line.places = placesOf(line);
    const letters = line.letters.flatMap(([letter, run]) => Array(run).fill(letter));
    let point = 0;
    let [x, y] = [0, 0];
    for (const size of line.strokes) {
      const stroke = { line, page, x: new Float32Array(size), y: new Float32Array(size), time: new Float64Array(size) };
      for (let i = 0; i < size; i++, point++) {
        stroke.x[i] = (x += line.moves[2 * point]) / 100;
        stroke.y[i] = (y += line.moves[2 * point + 1]) / 100;
        if (i) pen.clock += 1 / pace.pointsPerSecond;
        else if (page !== pen.page) pen.clock += pace.turnSeconds;
        else if (this.strokes.length) pen.clock += pace.liftSeconds + Math.hypot(stroke.x[0] - pen.x, stroke.y[0] - pen.y) / pace.travelSpeed;
        stroke.time[i] = pen.clock;
        [pen.x, pen.y, pen.page] = [stroke.x[i], stroke.y[i], page];
      }
      stroke.letter = letters.slice(point - size, point);
      this.strokes.push(stroke);
    }
  }

  // How many strokes have begun by then.
  begun(time) {
    return firstAfter(this.strokes.length, (index) => this.strokes[index].time[0], time);
  }

  // The text's character that is being written, counted without spaces, and the seconds since it was begun.
  placeAt(time) {
    const stroke = this.strokes[this.begun(time) - 1];
    if (!stroke) return { place: 0, since: 0 };
    const place = stroke.line.places[stroke.letter[Math.max(0, reached(stroke, time) - 1)]];
    return { place, since: Math.max(0, time - this.timeOf({ place, since: 0 })) };
  }

  // When the pen is at that place: at the end if it is not there yet.
  timeOf({ place, since }) {
    for (const stroke of this.strokes) {
      const point = stroke.letter.findIndex((letter) => stroke.line.places[letter] >= place);
      if (point >= 0) return Math.min(stroke.time[point] + since, this.duration);
    }
    return this.duration;
  }
}

// How many points of a stroke the pen has reached by then.
function reached(stroke, time) {
  return firstAfter(stroke.time.length, (index) => stroke.time[index], time);
}

function firstAfter(count, timeOf, time) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(middle) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

// How many characters other than spaces of the whole text stand before each character of a line.
function placesOf(line) {
  let place = line.from;
  return [...line.text, " "].map((letter) => (letter === " " ? place : place++));
}

// A smooth curve through a stroke's first points: the same Catmull-Rom pieces as in handwriting/strokes.py.
function drawStroke(context, { x, y }, count = x.length) {
  const end = count - 1;
  if (end < 0) return;
  context.beginPath();
  context.moveTo(x[0], y[0]);
  if (!end) context.lineTo(x[0], y[0]);
  for (let i = 0; i < end; i++) {
    const before = Math.max(0, i - 1);
    const after = Math.min(end, i + 2);
    context.bezierCurveTo(
      x[i] + (x[i + 1] - x[before]) / 6, y[i] + (y[i + 1] - y[before]) / 6,
      x[i + 1] - (x[after] - x[i]) / 6, y[i + 1] - (y[after] - y[i]) / 6,
      x[i + 1], y[i + 1],
    );
  }
  context.stroke();
}

// Where the pen is: between the last point and the next, a ring while it is in the air.
function drawNib(context, stroke, next, time, radius) {
  const last = Math.max(0, reached(stroke, time) - 1);
  const lifted = last === stroke.x.length - 1;
  const [toStroke, to] = lifted ? [next?.page === stroke.page ? next : stroke, next?.page === stroke.page ? 0 : last] : [stroke, last + 1];
  const way = toStroke.time[to] - stroke.time[last];
  const share = way > 0 ? Math.min(1, (time - stroke.time[last]) / way) : 0;
  context.beginPath();
  context.arc(stroke.x[last] + share * (toStroke.x[to] - stroke.x[last]), stroke.y[last] + share * (toStroke.y[to] - stroke.y[last]), radius, 0, 2 * Math.PI);
  if (!lifted) return context.fill();
  context.lineWidth = 0.2;
  context.stroke();
}
