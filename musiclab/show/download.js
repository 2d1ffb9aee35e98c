// A button that asks the kernel for something and hands it to the browser: a file to save, or text
// for the clipboard. Nothing leaves the machine.
function render({ model, el }) {
  const button = document.createElement("button");
  button.className = "jupyter-button lm-BoxLayout widget-button";
  button.style.margin = "2px";
  const draw = () => { button.textContent = model.get("label"); };
  button.addEventListener("click", () => model.send({ want: "content" }));
  function receive(message, [data] = []) {
    if (message.text !== undefined) navigator.clipboard.writeText(message.text);
    if (!data) return;
    const file = new Blob([data], { type: model.get("mime") });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = message.name;
    link.click();
    URL.revokeObjectURL(link.href);
  }
  model.on("change:label", draw);
  model.on("msg:custom", receive);
  draw();
  el.appendChild(button);
  return () => model.off("msg:custom", receive);
}
export default { render };
