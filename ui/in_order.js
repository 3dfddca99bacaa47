// Streamlit loads a component's script at each update, and calls it when it is there: of two updates that waited for it together, the
// older may be called last, and would stay. `component.py` numbers what is shown.

const newest = new WeakMap();

export default function (call) {
  const { data, parentElement } = call;
  if (data.order < newest.get(parentElement)) return;
  newest.set(parentElement, data.order);
  return mount(call);
}
