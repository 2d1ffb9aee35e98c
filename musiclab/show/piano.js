// A small piano: a key that is pressed sounds, and tells the kernel its number.
const BLACK = [1, 3, 6, 8, 10]; // steps above C
const NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

function render({ model, el }) {
  const [lowest, highest] = model.get("reach");
  const keys = document.createElement("div");
  Object.assign(keys.style, {
    position: "relative", display: "flex", height: "96px", width: "480px", colorScheme: "light",
  });
  const scroller = document.createElement("div");
  scroller.style.overflowX = "auto";
  scroller.setAttribute("role", "group");
  scroller.setAttribute("aria-label", "Piano");
  let context = null;

  function sound(pitch) {
    context ??= new AudioContext();
    const tone = new OscillatorNode(context, {
      type: "triangle", frequency: 440 * 2 ** ((pitch - 69) / 12),
    });
    const volume = new GainNode(context, { gain: 0.25 });
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.6);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.6);
  }

  const isBlack = (pitch) => BLACK.includes(pitch % 12);
  const pitches = Array.from({ length: highest - lowest + 1 }, (_, step) => lowest + step);
  const wide = 100 / pitches.filter((pitch) => !isBlack(pitch)).length; // percent, a white key
  let whites = 0;
  for (const pitch of pitches) {
    const key = document.createElement("button");
    const name = `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
    key.type = "button";
    key.dataset.lmSuppressShortcuts = "true"; // Enter is a notebook command elsewhere
    key.setAttribute("aria-label", name);
    Object.assign(key.style, {
      padding: "0", border: "1px solid #555", borderRadius: "0 0 4px 4px", cursor: "pointer",
    });
    if (isBlack(pitch)) {
      Object.assign(key.style, {
        position: "absolute", left: `${(whites - 0.32) * wide}%`, width: `${0.64 * wide}%`,
        height: "60%", background: "#222", zIndex: "1",
      });
    } else {
      whites += 1;
      key.textContent = pitch % 12 === 0 ? name : "";
      Object.assign(key.style, {
        width: `${wide}%`, background: "white", color: "#222", fontSize: "12px",
        display: "flex", alignItems: "flex-end", justifyContent: "center",
      });
    }
    key.addEventListener("click", () => {
      sound(pitch);
      model.send({ key: pitch });
    });
    keys.append(key);
  }
  scroller.append(keys);
  el.append(scroller);
  return () => context?.close();
}
export default { render };
