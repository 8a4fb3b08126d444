// Before and after, with a divider that follows pointer and arrow keys: a range over two stacked images.

import { t } from '../i18n/index.js';
import { html, useSignal } from '../vendor/preact.js';

/** `tags` name the sides. @param {{before: string, after: string, alt: string, tags?: string[], width?: number, height?: number}} props */
export function Compare({ before, after, alt, tags = [], width, height }) {
  const percent = useSignal(50);
  const move = (/** @type {InputEvent} */ event) =>
    (percent.value = Number(/** @type {HTMLInputElement} */ (event.target).value));
  return html`
    <div class="compare" style=${{ '--at': `${percent.value}%` }}>
      <img src=${before} alt="" width=${width} height=${height} draggable=${false} />
      <img class="after" src=${after} alt=${alt} width=${width} height=${height} draggable=${false} />
      ${tags.map((tag) => html`<span class="tag" key=${tag} aria-hidden="true">${tag}</span>`)}
      <span class="divider" aria-hidden="true"></span>
      <input type="range" min="0" max="100" step="0.5" value=${percent.value} aria-label=${t('compare.label')} onInput=${move} />
    </div>
  `;
}
