// Before and after, with a divider that follows pointer and arrow keys: a range over two stacked images.

import { html, useSignal } from '../vendor/preact.js';

/** @param {{before: string, after: string, alt: string, label: string, width?: number, height?: number}} props */
export function Compare({ before, after, alt, label, width, height }) {
  const percent = useSignal(50);
  const move = (/** @type {InputEvent} */ event) =>
    (percent.value = Number(/** @type {HTMLInputElement} */ (event.target).value));
  return html`
    <div class="compare" style=${{ '--at': `${percent.value}%` }}>
      <img src=${before} alt=${alt} width=${width} height=${height} />
      <img class="after" src=${after} alt="" width=${width} height=${height} />
      <span class="divider" aria-hidden="true"></span>
      <input type="range" min="0" max="100" value=${percent.value} aria-label=${label} onInput=${move} />
    </div>
  `;
}
