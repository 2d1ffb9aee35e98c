// A slider whose handle has a name: a screen reader says nothing at that of ipywidgets.
function render({ model, el }) {
  const name = document.createElement("span");
  const input = document.createElement("input");
  const shown = document.createElement("output");
  const label = document.createElement("label");
  input.type = "range";
  input.dataset.lmSuppressShortcuts = "true"; // its arrow keys are notebook commands elsewhere
  Object.assign(label.style, {
    display: "flex", alignItems: "center", gap: "8px", width: "300px", maxWidth: "100%",
    boxSizing: "border-box", paddingRight: "4px",
    color: "var(--jp-widgets-label-color, inherit)", fontSize: "13px", margin: "2px",
  });
  Object.assign(input.style, { flex: "1 1 80px", minWidth: "60px", height: "28px" });
  const show = () => { shown.textContent = Number(input.value).toFixed(model.get("digits")); };
  const draw = () => {
    for (const bound of ["min", "max", "step"]) input[bound] = model.get(bound);
    input.value = model.get("value");
    name.textContent = model.get("description");
    show();
  };
  input.addEventListener("input", show);
  input.addEventListener("change", () => {
    model.set("value", Number(input.value));
    model.save_changes();
  });
  model.on("change:value", draw);
  draw();
  label.append(name, input, shown);
  el.append(label);
}
export default { render };
