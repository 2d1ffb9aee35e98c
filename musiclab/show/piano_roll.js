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
  const loop = make("input", { margin: "0 4px 0 0" }, { type: "checkbox" });
  const looping = make("label", {}, {}, [loop, "Loop"]);
  const status = make("span", {}, { role: "status" });
  const picture = make("img", { display: "block", maxWidth: "none" });
  const glow = make("div", { position: "absolute", inset: "0", pointerEvents: "none" });
  const line = make("div", {
    position: "absolute", width: "2px", background: "#111", pointerEvents: "none",
  }, { class: "musiclab-playhead" });
  // The keys that move the line are notebook commands elsewhere.
  const ours = { "data-lm-suppress-shortcuts": "true" };
  const stage = make("div", { position: "relative" }, ours, [picture, glow, line]);
  const scroller = make("div", { overflowX: "auto", marginTop: "4px" }, {}, [stage]);
  const inLine = { display: "flex", flexWrap: "wrap", gap: "4px 12px", alignItems: "center" };
  const bar = make("div", inLine, {}, [button, title, time, looping, status]);
  el.append(make("div", {
    background: "white", color: "#222", colorScheme: "light", padding: "6px", maxWidth: "100%",
    fontFamily: "sans-serif", fontSize: "13px", boxSizing: "border-box",
  }, {}, [bar, scroller]));

  let context = null; // made at the first click: browsers allow sound only then
  let parts = []; // the sound, ready to play: { start, buffer }, start in seconds
  let sources = []; // what plays now; a source plays once
  let playing = false;
  let startedAt = 0; // the context's time at which `place` was heard
  let place = 0; // frames, where playing starts or stopped
  let pace = 0; // seconds a frame lasts in `parts`
  let wanted = false; // play was pressed, but the sound is not here yet
  let ticking = 0;
  let ending = 0;

  const piece = () => model.get("piece");
  const length = () => piece().n_frames;
  const seconds = (frames) => frames * piece().seconds_per_frame;

  function now() {
    if (!playing) return place;
    const heard = context.currentTime - startedAt - (context.outputLatency || 0);
    return Math.min(length(), place + Math.max(0, heard) / pace);
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function draw() {
    const { left, top, bottom, frame, row, notes, has_sound } = piece();
    const label = playing || wanted ? "Pause" : "Play";
    if (button.getAttribute("aria-label") !== label) {
      button.setAttribute("aria-label", label);
      button.textContent = label === "Play" ? "\u25B6 Play" : "\u275A\u275A Pause";
    }
    const at = now();
    const x = left + at * frame;
    const height = bottom - top + 8;
    Object.assign(line.style, { left: `${x - 1}px`, top: `${top - 4}px`, height: `${height}px` });
    time.textContent = `${clock(seconds(at))} / ${clock(seconds(length()))}`;
    if (has_sound) {
      stage.setAttribute("aria-valuenow", seconds(at).toFixed(1));
      stage.setAttribute("aria-valuetext", `${Math.round(seconds(at))} seconds`);
    }
    const sounding = notes.filter(([first, count]) => playing && first <= at && at < first + count);
    glow.replaceChildren(...sounding.map(([first, count, y]) => make("div", {
      position: "absolute", left: `${left + first * frame}px`, top: `${y}px`,
      width: `${Math.max(1, count * frame - 1)}px`, height: `${row}px`,
      boxShadow: "0 0 0 2px #111", borderRadius: "2px",
    })));
    const { scrollLeft, clientWidth } = scroller;
    const hidden = x < scrollLeft || x > scrollLeft + clientWidth - 40;
    if (playing && hidden) scroller.scrollLeft = x - 60;
  }

  function tick() {
    draw();
    ticking = playing ? requestAnimationFrame(tick) : 0;
  }

  function silence() {
    cancelAnimationFrame(ticking);
    clearTimeout(ending);
    for (const source of sources) source.stop();
    sources = [];
    playing = false;
  }

  function stop(text, at) {
    place = at;
    wanted = false;
    silence();
    say(text);
    draw();
  }

  const pause = () => stop("Paused", now());

  function schedule({ start, buffer }) {
    const at = startedAt + start - place * pace;
    const late = Math.max(0, context.currentTime - at);
    if (late >= buffer.duration) return;
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(Math.max(at, context.currentTime), late);
    sources.push(source);
  }

  function awaitEnd() { // a timer, for a page in the background draws nothing
    clearTimeout(ending);
    if (piece().growing) return;
    ending = setTimeout(() => {
      if (!loop.checked) return stop("Finished", 0);
      place = 0;
      begin();
    }, 1000 * pace * (length() - now()));
  }

  function begin() {
    silence();
    wanted = false;
    if (place >= length()) place = 0;
    startedAt = context.currentTime;
    playing = true;
    parts.forEach(schedule);
    awaitEnd();
    window.dispatchEvent(new CustomEvent(PLAYING, { detail: el }));
    for (const player of document.querySelectorAll("audio")) player.pause();
    say("Playing");
    tick();
  }

  async function wake() {
    context ??= new AudioContext();
    if (context.state !== "running") await context.resume();
  }

  async function play() {
    wanted = true;
    draw();
    await wake();
    if (!parts.length && !piece().growing) return fetchSound();
    if (wanted && !playing) begin();
  }

  async function fetchSound() {
    const mp3 = model.get("mp3");
    if (!mp3?.byteLength) {
      if (!playing) say("Preparing the sound");
      model.send({ want: "sound" }); // change:mp3 goes on from here
      return;
    }
    try {
      const buffer = await context.decodeAudioData(bytesOf(mp3));
      if (model.get("mp3") !== mp3) return; // the music changed meanwhile
      place = now();
      parts = [{ start: 0, buffer }];
      pace = piece().seconds_per_frame;
    } catch (error) {
      stop("This browser cannot decode the sound; save it with roll.sound.save", place);
      return;
    }
    if (wanted || playing) begin();
  }

  const toggle = () => (playing || wanted ? pause() : play());

  function go(frame) {
    const goesOn = playing;
    silence();
    place = Math.max(0, Math.min(length(), frame));
    if (goesOn) begin();
    else draw();
  }

  // What of the old music may go on depends on what has changed.
  function onPiece(change = piece().change) {
    const { svg, title: words, alt, width, has_sound } = piece();
    picture.src = "data:image/svg+xml," + encodeURIComponent(svg);
    picture.alt = alt;
    stage.style.width = `${width}px`;
    title.textContent = words;
    for (const part of [button, line, time, looping]) part.style.display = has_sound ? "" : "none";
    if (has_sound) { // the drawing is a control, too
      stage.style.cursor = "pointer";
      const slider = {
        role: "slider", tabindex: "0", "aria-label": "Place in the piece", "aria-valuemin": "0",
        "aria-valuemax": seconds(length()).toFixed(1),
      };
      for (const [name, value] of Object.entries(slider)) stage.setAttribute(name, value);
    }
    if (change === "music") {
      parts = [];
      scroller.scrollLeft = 0;
      stop("", 0);
    } else if (change === "sound") { // the old one is heard until the new one is here
      place = now();
      startedAt = context?.currentTime ?? 0;
      if (!playing) parts = [];
      if (playing || wanted) fetchSound();
    } else if (playing) awaitEnd();
    draw();
  }

  function onSound() {
    if (model.get("mp3")?.byteLength && (wanted || playing)) fetchSound();
  }

  async function onMessage(message, [data] = []) {
    if (message.do === "pause") pause();
    if (message.do !== "part" || !piece().growing) return;
    await wake();
    const part = { start: message.start, buffer: await context.decodeAudioData(bytesOf(data)) };
    pace = piece().seconds_per_frame;
    parts.push(part);
    if (playing) schedule(part);
    else if (parts.length === 1) begin();
  }

  function tell([first, , , voice]) {
    model.send({ note: [first, voice] });
  }

  function onKey(event) {
    if (!piece().has_sound) return;
    const { beat, notes } = piece();
    const moves = {
      ArrowRight: now() + beat, ArrowUp: now() + beat, ArrowLeft: now() - beat,
      ArrowDown: now() - beat, Home: 0, End: length(),
    };
    const voice = event.ctrlKey || event.metaKey ? -1 : "satb".indexOf(event.key.toLowerCase());
    if (event.key in moves) go(moves[event.key]);
    else if (event.key === " " || event.key === "Enter") toggle();
    else if (event.key.length === 1 && voice >= 0) {
      const at = Math.round(now());
      const found = notes.find((note) => note[3] === voice && note[0] <= at && at < note[0] + note[1]);
      if (found) tell(found);
    } else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has keys of its own
  }

  function onClick(event) {
    const { left, frame, row, notes, has_sound } = piece();
    const box = stage.getBoundingClientRect();
    const at = (event.clientX - box.left - left) / frame;
    const y = event.clientY - box.top;
    const here = notes.filter(([first, count, top]) =>
      first <= at && at < first + count && top <= y && y < top + row);
    // Voices that meet on a pitch share its row.
    if (here.length) tell(here[Math.floor(((y - here[0][2]) / row) * here.length)]);
    if (has_sound && !(here.length && model.get("picking"))) go(at);
  }

  function onOther(event) {
    const own = event.type === PLAYING && event.detail === el;
    if (!own && (playing || wanted)) pause();
  }

  button.addEventListener("click", toggle);
  stage.addEventListener("keydown", onKey);
  stage.addEventListener("click", onClick);
  window.addEventListener(PLAYING, onOther);
  document.addEventListener("play", onOther, true); // of plain players; it does not bubble
  const changed = () => onPiece();
  model.on("change:piece", changed);
  model.on("change:mp3", onSound);
  model.on("msg:custom", onMessage);
  onPiece("music");
  return () => {
    silence();
    context?.close();
    window.removeEventListener(PLAYING, onOther);
    document.removeEventListener("play", onOther, true);
    model.off("change:piece", changed);
    model.off("change:mp3", onSound);
    model.off("msg:custom", onMessage);
  };
}

export default { render };
