// The picture: fitted or at full size, with a divider between before and after, or with what is set on it.

import { Compare } from '../../components/compare.js';
import { sentence } from '../../i18n/errors.js';
import { t } from '../../i18n/index.js';
import { html, useEffect, useRef } from '../../vendor/preact.js';
import { edit, target } from './edit_state.js';
import { Overlay } from './overlay.js';

/** @typedef {import('./live_picture.js').LivePicture} LivePicture */
/** @typedef {import('./toolbar.js').Look} Look */

/** @param {{result: LivePicture, before: LivePicture, base: LivePicture, look: Look, name: string}} props */
export function Stage({ result, before, base, look, name }) {
  const isSetting = target.value !== null;
  const shown = isSetting ? base : result;
  const picture = shown.picture.value;
  const step = edit.value.steps.find((each) => each.id === target.value?.id);
  const isBusy = shown.isBusy.value;
  const isFull = picture?.isFull ?? false;
  /** @type {{current: HTMLElement | null}} */
  const stage = useRef(null);
  useEffect(() => {
    const { scrollWidth = 0, clientWidth = 0, scrollHeight = 0, clientHeight = 0 } = stage.current ?? {};
    stage.current?.scrollTo((scrollWidth - clientWidth) / 2, (scrollHeight - clientHeight) / 2);
  }, [isFull]);
  return html`
    <div ref=${stage} class="stage ${isFull ? 'full-size' : ''} ${isSetting ? 'setting' : ''}" role="region" aria-label=${t('edit.picture')}
      aria-busy=${String(isBusy)} tabindex=${isFull ? 0 : undefined}>
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
  '--width': `${width / devicePixelRatio}px`,
  '--most': width < 1000 ? `${width}px` : '100cqw',
});

/** @param {{picture: import('./live_picture.js').Picture, before: import('./live_picture.js').Picture | null, name: string}} props */
const Pictures = ({ picture, before, name }) =>
  before
    ? html`<${Compare} before=${before.url} after=${picture.url} alt=${name} tags=${[t('edit.before'), t('edit.after')]} />`
    : html`<img src=${picture.url} alt=${name} draggable=${false} />`;

/** @param {{picture: LivePicture}} props */
function State({ picture }) {
  if (picture.error.value) return html`<p class="notice bad state" role="alert">${sentence(picture.error.value)}</p>`;
  return picture.isBusy.value ? html`<div class="working" aria-hidden="true"></div>` : null;
}
