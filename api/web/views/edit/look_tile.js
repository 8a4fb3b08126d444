// A look as a thumbnail of the picture being edited, rendered when it comes into view, a few at a time.

import { renderPreview } from '../../api/previews.js';
import { html, useEffect, useRef, useSignal } from '../../vendor/preact.js';

const SIDE = 160;
const AT_A_TIME = 3;

/** @type {Map<string, string>} URLs by image and look, for as long as the page is open. */
const rendered = new Map();
/** @type {(() => Promise<void>)[]} */
const queue = [];
let running = 0;

/** @param {() => Promise<void>} work */
function enqueue(work) {
  queue.push(work);
  void drain();
}

async function drain() {
  if (running >= AT_A_TIME) return;
  const work = queue.shift();
  if (!work) return;
  running += 1;
  await work();
  running -= 1;
  void drain();
}

/** @param {{name: string, title: string, summary: string, imageId: string, onChoose: (name: string) => void}} props */
export function LookTile({ name, title, summary, imageId, onChoose }) {
  const key = `${imageId} ${name}`;
  const url = useSignal(rendered.get(key) ?? '');
  /** @type {{current: HTMLElement | null}} */
  const tile = useRef(null);
  useEffect(() => {
    const gone = new AbortController();
    const render = async () => {
      if (gone.signal.aborted) return;
      const body = { image_id: imageId, pipeline: [{ filter: name }], output: { format: 'webp', quality: 80 }, max_side: SIDE };
      const blob = await renderPreview(body, gone.signal).catch(() => null); // the tile keeps its name
      if (!blob) return;
      rendered.set(key, URL.createObjectURL(blob));
      url.value = rendered.get(key) ?? '';
    };
    const watcher = new IntersectionObserver(([seen]) => {
      if (!seen.isIntersecting || url.value) return;
      watcher.disconnect();
      enqueue(render);
    });
    if (tile.current) watcher.observe(tile.current);
    return () => (watcher.disconnect(), gone.abort());
  }, []);
  return html`
    <button type="button" class="tile" ref=${tile} title=${summary} onClick=${() => onChoose(name)}>
      ${url.value ? html`<img src=${url.value} alt="" />` : html`<span class="file"></span>`}
      <span>${title}</span>
    </button>
  `;
}
