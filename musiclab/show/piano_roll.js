// The browser's half of musiclab.show.PianoRoll. Python draws the notes; this file plays the
// sound and moves the line. It loads nothing: picture and sound arrive through the model.

const PLAYING = "musiclab-playing"; // sent to every piano roll of the page, so that one plays

function make(tag, style, attributes = {}, children = []) {
  const element = document.createElement(tag);
  Object.assign(element.style, style);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;

// Decoding takes the buffer away, so it is given a copy of the bytes.
function bytesOf(mp3) {
  const view = mp3 instanceof DataView ? mp3 : new DataView(mp3.buffer ?? mp3);
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

function render({ model, el }) {
  const button = make("button", {
    minWidth: "84px", padding: "6px 12px", fontSize: "14px", cursor: "pointer",
    color: "#222", background: "#eee", border: "1px solid #767676", borderRadius: "4px",
  }, { type: "button" });
  const title = make("strong", {});
  const time = make("span", { fontVariantNumeric: "tabular-nums" });
  const status = make("span", {}, { role: "status" });
  const picture = make("img", { display: "block", maxWidth: "none" });
  const glow = make("div", { position: "absolute", inset: "0", pointerEvents: "none" });
  const line = make("div", {
    position: "absolute", width: "2px", background: "#111", pointerEvents: "none",
  }, { class: "musiclab-playhead" });
  const stage = make("div", { position: "relative" }, {}, [picture, glow, line]);
  const scroller = make("div", { overflowX: "auto", marginTop: "4px" }, {}, [stage]);
  const inLine = { display: "flex", gap: "12px", alignItems: "center" };
  const bar = make("div", inLine, {}, [button, title, time, status]);
  el.append(make("div", {
    background: "white", color: "#222", colorScheme: "light", padding: "6px", maxWidth: "100%",
    fontFamily: "sans-serif", fontSize: "13px", boxSizing: "border-box",
  }, {}, [bar, scroller]));

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
    if (status.textContent !== text) status.textContent = text;
  }

  function draw() {
    const { left, top, bottom, frame, row, notes, seconds_per_frame, has_sound } = piece();
    const label = source || wanted ? "Pause" : "Play";
    if (button.getAttribute("aria-label") !== label) {
      button.setAttribute("aria-label", label);
      button.textContent = label === "Play" ? "\u25B6 Play" : "\u275A\u275A Pause";
    }
    const at = now() / seconds_per_frame;
    const x = left + at * frame;
    const height = bottom - top + 8;
    Object.assign(line.style, { left: `${x - 1}px`, top: `${top - 4}px`, height: `${height}px` });
    time.textContent = `${clock(now())} / ${clock(length())}`;
    if (has_sound) {
      stage.setAttribute("aria-valuenow", now().toFixed(1));
      stage.setAttribute("aria-valuetext", `${Math.round(now())} seconds`);
    }
    const sounding = notes.filter(([first, count]) => source && first <= at && at < first + count);
    glow.replaceChildren(...sounding.map(([first, count, y]) => make("div", {
      position: "absolute", left: `${left + first * frame}px`, top: `${y}px`,
      width: `${Math.max(1, count * frame - 1)}px`, height: `${row}px`,
      boxShadow: "0 0 0 2px #111", borderRadius: "2px",
    })));
    const { scrollLeft, clientWidth } = scroller;
    const hidden = x < scrollLeft || x > scrollLeft + clientWidth - 40;
    if (source && hidden) scroller.scrollLeft = x - 60;
  }

  function tick() {
    draw();
    ticking = source ? requestAnimationFrame(tick) : 0;
  }

  function silence() {
    cancelAnimationFrame(ticking);
    if (!source) return;
    source.onended = null;
    source.stop();
    source = null;
  }

  function stop(text, at) {
    place = at;
    wanted = false;
    silence();
    say(text);
    draw();
  }

  const pause = () => stop("Paused", now());

  function begin() {
    wanted = false;
    if (place >= length()) place = 0;
    source = context.createBufferSource();
    source.buffer = decoded;
    source.connect(context.destination);
    source.onended = () => stop("Finished", 0);
    startedAt = context.currentTime;
    source.start(0, place);
    window.dispatchEvent(new CustomEvent(PLAYING, { detail: el }));
    say("Playing");
    tick();
  }

  async function play() {
    wanted = true;
    draw();
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
        stop("This browser cannot decode the sound; save it with roll.sound.save", place);
        return;
      }
    }
    if (wanted && !source) begin();
  }

  const toggle = () => (source || wanted ? pause() : play());

  function go(seconds) {
    const goesOn = source !== null;
    silence();
    place = Math.max(0, Math.min(length(), seconds));
    if (goesOn) begin();
    else draw();
  }

  function onPiece() {
    const { svg, title: words, alt, width, has_sound } = piece();
    decoded = null;
    picture.src = "data:image/svg+xml," + encodeURIComponent(svg);
    picture.alt = alt;
    stage.style.width = `${width}px`;
    title.textContent = words;
    for (const part of [button, line, time]) part.style.display = has_sound ? "" : "none";
    if (has_sound) { // the drawing is a control, too
      stage.style.cursor = "pointer";
      const slider = {
        role: "slider", tabindex: "0", "aria-label": "Place in the piece", "aria-valuemin": "0",
        "aria-valuemax": length().toFixed(1),
      };
      for (const [name, value] of Object.entries(slider)) stage.setAttribute(name, value);
    }
    scroller.scrollLeft = 0;
    stop("", 0);
  }

  function onSound() {
    decoded = null;
    if (wanted && model.get("mp3")?.byteLength) play();
  }

  function onKey(event) {
    if (!piece().has_sound) return;
    const beat = piece().beat * piece().seconds_per_frame;
    const moves = {
      ArrowRight: now() + beat, ArrowUp: now() + beat, ArrowLeft: now() - beat,
      ArrowDown: now() - beat, Home: 0, End: length(),
    };
    if (event.key in moves) go(moves[event.key]);
    else if (event.key === " " || event.key === "Enter") toggle();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has keys of its own
  }

  function onClick(event) {
    const { left, frame, seconds_per_frame, has_sound } = piece();
    const x = event.clientX - stage.getBoundingClientRect().left;
    if (has_sound) go(((x - left) / frame) * seconds_per_frame);
  }

  function onOther(event) {
    if (event.detail !== el && (source || wanted)) pause();
  }

  button.addEventListener("click", toggle);
  stage.addEventListener("keydown", onKey);
  stage.addEventListener("click", onClick);
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
