// A button that hands the browser a file which the kernel has made. Nothing leaves the machine.
function render({ model, el }) {
  const button = document.createElement("button");
  button.className = "jupyter-button lm-BoxLayout widget-button";
  button.style.margin = "2px";
  const draw = () => {
    button.textContent = model.get("label");
    button.disabled = model.get("content").byteLength === 0;
  };
  button.addEventListener("click", () => {
    const file = new Blob([model.get("content")], { type: model.get("mime") });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = model.get("filename");
    link.click();
    URL.revokeObjectURL(link.href);
  });
  model.on("change:content change:label", draw);
  draw();
  el.appendChild(button);
}
export default { render };
