// The picture: fitted or at full size, with a divider between before and after, or with what is set on it.

import { sentence } from '../../i18n/errors.js';
import { t } from '../../i18n/index.js';
import { html, useSignal } from '../../vendor/preact.js';
import { edit, target } from './edit_state.js';
import { Overlay } from './overlay.js';

/** @typedef {import('./live_picture.js').LivePicture} LivePicture */
/** @typedef {{isComparing: boolean, isFullSize: boolean}} Look */

/** @param {{result: LivePicture, before: LivePicture, base: LivePicture, look: Look, name: string}} props */
export function Stage({ result, before, base, look, name }) {
  const isSetting = target.value !== null;
  const shown = isSetting ? base : result;
  const picture = shown.picture.value;
  const step = edit.value.steps.find((each) => each.id === target.value?.id);
  const isBusy = shown.isBusy.value;
  return html`
    <div class="stage ${look.isFullSize ? 'full-size' : ''} ${isSetting ? 'setting' : ''}" role="region" aria-label=${t('edit.picture')}
      aria-busy=${String(isBusy)} tabindex=${look.isFullSize ? 0 : undefined}>
      ${!picture && !shown.error.value && html`<div class="spinner"></div>`}
      ${picture &&
      html`
        <div class="canvas" style=${sizesOf(picture)}>
          <${Pictures} ...${{ picture, before: look.isComparing && !isSetting ? before.picture.value : null, name }} />
          ${step && target.value && html`<${Overlay} key=${`${step.id} ${target.value.kind}`} step=${step} kind=${target.value.kind} picture=${picture} />`}
        </div>
      `}
      <${State} picture=${shown} />
    </div>
  `;
}

/** Small pictures are not blown up. @param {import('./live_picture.js').Picture} picture */
const sizesOf = ({ width, height }) => ({
  '--ratio': width / height,
  '--width': `${width}px`,
  '--most': width < 1000 ? `${width}px` : '100cqw',
});

/** @param {{picture: import('./live_picture.js').Picture, before: import('./live_picture.js').Picture | null, name: string}} props */
function Pictures({ picture, before, name }) {
  const percent = useSignal(50);
  const move = (/** @type {any} */ event) => (percent.value = Number(event.target.value));
  if (!before) return html`<img src=${picture.url} alt=${name} draggable=${false} />`;
  return html`
    <div class="before-after" style=${{ '--at': `${percent.value}%` }}>
      <img src=${before.url} alt=${t('edit.before')} draggable=${false} />
      <img class="after" src=${picture.url} alt=${name} draggable=${false} />
      <span class="tag start" aria-hidden="true">${t('edit.before')}</span>
      <span class="tag end" aria-hidden="true">${t('edit.after')}</span>
      <span class="divider" aria-hidden="true"></span>
      <input type="range" min="0" max="100" step="0.5" value=${percent.value} aria-label=${t('edit.divider')} onInput=${move} />
    </div>
  `;
}

/** @param {{picture: LivePicture}} props */
function State({ picture }) {
  if (picture.error.value) return html`<p class="notice bad state" role="alert">${sentence(picture.error.value)}</p>`;
  return picture.isBusy.value ? html`<div class="working" aria-hidden="true"></div>` : null;
}
