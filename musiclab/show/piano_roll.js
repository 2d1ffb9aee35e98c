// The browser's half of musiclab.show.PianoRoll. Python draws the notes; this file plays the
// sound and moves the line. It loads nothing: picture and sound arrive through the model.

const PLAYING = "musiclab-playing"; // told to every piano roll of the page, so that one plays

function make(tag, style, attributes = {}) {
  const element = document.createElement(tag);
  Object.assign(element.style, style);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function build(el) {
  const box = make("div", {
    background: "white", color: "#222", colorScheme: "light", padding: "6px", maxWidth: "100%",
    fontFamily: "sans-serif", fontSize: "13px", boxSizing: "border-box",
  });
  const bar = make("div", { display: "flex", gap: "12px", alignItems: "center" });
  const button = make("button", {
    minWidth: "84px", padding: "6px 12px", fontSize: "14px", cursor: "pointer",
    color: "#222", background: "#eee", border: "1px solid #767676", borderRadius: "4px",
  }, { type: "button" });
  const title = make("strong", {});
  const clock = make("span", { fontVariantNumeric: "tabular-nums" });
  const status = make("span", {}, { role: "status" });
  const scroller = make("div", { overflowX: "auto", marginTop: "4px" });
  const stage = make("div", { position: "relative" });
  const picture = make("img", { display: "block", maxWidth: "none" });
  const glow = make("div", { position: "absolute", inset: "0", pointerEvents: "none" });
  const line = make("div", {
    position: "absolute", width: "2px", background: "#111", pointerEvents: "none",
  }, { class: "musiclab-playhead" });
  stage.append(picture, glow, line);
  scroller.append(stage);
  bar.append(button, title, clock, status);
  box.append(bar, scroller);
  el.append(box);
  return { box, button, title, clock, status, scroller, stage, picture, glow, line };
}

function clockText(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// Decoding takes the buffer away, so it is given a copy of the bytes.
function bytesOf(mp3) {
  const view = mp3 instanceof DataView ? mp3 : new DataView(mp3.buffer ?? mp3);
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

function render({ model, el }) {
  const parts = build(el);
  let context = null; // made at the first click: browsers allow sound only then
  let decoded = null; // the sound, ready to play
  let source = null; // what plays now; a source plays once
  let startedAt = 0; // the context's time at which `place` was heard
  let place = 0; // seconds, where playing starts or stopped
  let wanted = false; // play was pressed, but the sound is not here yet
  let ticking = 0;

  const piece = () => model.get("piece");
  const length = () => piece().n_frames * piece().seconds_per_frame;

  function now() {
    if (!source) return place;
    const heard = context.currentTime - startedAt - (context.outputLatency || 0);
    return Math.min(length(), place + Math.max(0, heard));
  }

  function say(text) {
    if (parts.status.textContent !== text) parts.status.textContent = text;
  }

  function showButton() {
    const playing = source !== null || wanted;
    parts.button.textContent = playing ? "\u275A\u275A Pause" : "\u25B6 Play";
    parts.button.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  function draw() {
    const { left, top, bottom, frame, row, notes, seconds_per_frame } = piece();
    const seconds = now();
    const at = seconds / seconds_per_frame;
    const x = left + at * frame;
    Object.assign(parts.line.style, {
      left: `${x - 1}px`, top: `${top - 4}px`, height: `${bottom - top + 8}px`,
    });
    parts.clock.textContent = `${clockText(seconds)} / ${clockText(length())}`;
    if (piece().has_sound) {
      parts.stage.setAttribute("aria-valuenow", seconds.toFixed(1));
      parts.stage.setAttribute("aria-valuetext", `${Math.round(seconds)} seconds`);
    }
    const sounding = source ? notes.filter(([first, count]) => first <= at && at < first + count) : [];
    parts.glow.replaceChildren(...sounding.map(([first, count, y]) => make("div", {
      position: "absolute", left: `${left + first * frame}px`, top: `${y}px`,
      width: `${Math.max(1, count * frame - 1)}px`, height: `${row}px`,
      boxShadow: "0 0 0 2px #111", borderRadius: "2px",
    })));
    if (source) follow(x);
  }

  function follow(x) {
    const { scrollLeft, clientWidth } = parts.scroller;
    if (x < scrollLeft || x > scrollLeft + clientWidth - 40) parts.scroller.scrollLeft = x - 60;
  }

  function tick() {
    draw();
    ticking = source ? requestAnimationFrame(tick) : 0;
  }

  function silence() {
    cancelAnimationFrame(ticking);
    if (source) {
      source.onended = null;
      source.stop();
      source = null;
    }
  }

  function pause() {
    place = now();
    wanted = false;
    silence();
    say("Paused");
    showButton();
    draw();
  }

  function begin() {
    wanted = false;
    if (place >= length()) place = 0;
    source = context.createBufferSource();
    source.buffer = decoded;
    source.connect(context.destination);
    source.onended = finish;
    startedAt = context.currentTime;
    source.start(0, place);
    window.dispatchEvent(new CustomEvent(PLAYING, { detail: parts.box }));
    say("Playing");
    showButton();
    tick();
  }

  function finish() {
    silence();
    place = 0;
    say("Finished");
    showButton();
    draw();
  }

  async function play() {
    wanted = true;
    showButton();
    context ??= new AudioContext();
    if (context.state !== "running") await context.resume();
    if (!decoded) {
      const mp3 = model.get("mp3");
      if (!mp3 || !mp3.byteLength) {
        say("Preparing the sound");
        model.send({ want: "sound" }); // change:mp3 goes on from here
        return;
      }
      try {
        const fresh = await context.decodeAudioData(bytesOf(mp3));
        if (model.get("mp3") !== mp3) return; // the music changed meanwhile
        decoded = fresh;
      } catch (error) {
        wanted = false;
        showButton();
        say("This browser cannot decode the sound; save it with roll.sound.save");
        return;
      }
    }
    if (wanted && !source) begin();
  }

  function toggle() {
    if (source || wanted) pause();
    else play();
  }

  function go(seconds) {
    const goesOn = source !== null;
    silence();
    place = Math.max(0, Math.min(length(), seconds));
    if (goesOn) begin();
    else draw();
  }

  // The drawing becomes a control: without sound there is no place to go to.
  function makeSlider() {
    const slider = {
      role: "slider", tabindex: "0", "aria-label": "Place in the piece", "aria-valuemin": "0",
      "aria-valuemax": length().toFixed(1),
    };
    for (const [name, value] of Object.entries(slider)) parts.stage.setAttribute(name, value);
    parts.stage.style.cursor = "pointer";
  }

  function onPiece() {
    const { svg, title, alt, width, has_sound } = piece();
    silence();
    wanted = false;
    decoded = null;
    place = 0;
    parts.picture.src = "data:image/svg+xml," + encodeURIComponent(svg);
    parts.picture.alt = alt;
    parts.stage.style.width = `${width}px`;
    parts.title.textContent = title;
    for (const part of [parts.button, parts.line, parts.clock]) {
      part.style.display = has_sound ? "" : "none";
    }
    if (has_sound) makeSlider();
    parts.scroller.scrollLeft = 0;
    say("");
    showButton();
    draw();
  }

  function onSound() {
    decoded = null;
    const mp3 = model.get("mp3");
    if (wanted && mp3 && mp3.byteLength) play();
  }

  function onKey(event) {
    const { beat, seconds_per_frame, has_sound } = piece();
    if (!has_sound) return;
    const step = beat * seconds_per_frame;
    const moves = {
      ArrowRight: now() + step, ArrowUp: now() + step, ArrowLeft: now() - step,
      ArrowDown: now() - step, Home: 0, End: length(),
    };
    if (event.key in moves) go(moves[event.key]);
    else if (event.key === " " || event.key === "Enter") toggle();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has keys of its own
  }

  function onOther(event) {
    if (event.detail !== parts.box && (source || wanted)) pause();
  }

  parts.button.addEventListener("click", toggle);
  parts.stage.addEventListener("keydown", onKey);
  parts.stage.addEventListener("click", (event) => {
    const { left, frame, seconds_per_frame, has_sound } = piece();
    if (!has_sound) return;
    const x = event.clientX - parts.stage.getBoundingClientRect().left;
    go(((x - left) / frame) * seconds_per_frame);
  });
  window.addEventListener(PLAYING, onOther);
  model.on("change:piece", onPiece);
  model.on("change:mp3", onSound);
  onPiece();
  return () => {
    silence();
    context?.close();
    window.removeEventListener(PLAYING, onOther);
    model.off("change:piece", onPiece);
    model.off("change:mp3", onSound);
  };
}

export default { render };
