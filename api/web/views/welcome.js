// The first visit: what Darkroom does, tried on a sample before any account.

import { Button, Segments } from '../components/button.js';
import { Compare } from '../components/compare.js';
import { PictureButton } from '../components/picture_button.js';
import { t } from '../i18n/index.js';
import { address } from '../state/route.js';
import { html, useSignal } from '../vendor/preact.js';

const LOOKS = ['bw_dramatic', 'golden_hour', 'vintage'];
/** Rendered by `make welcome-pictures`. @param {string} name */
const picture = (name) => new URL(`../pictures/${name}.webp`, import.meta.url).pathname;

function Sample() {
  const look = useSignal(LOOKS[0]);
  const choices = LOOKS.map((value) => ({ value, text: t(`welcome.look.${value}`) }));
  const choose = (/** @type {string} */ value) => (look.value = value);
  return html`
    <div class="stack">
      <${Compare} before=${picture('original')} after=${picture(look.value)} width=${600} height=${400}
        alt=${t('welcome.sample')} />
      <div class="looks">
        <${Segments} label=${t('welcome.looks')} value=${look.value} choices=${choices} onChange=${choose} />
        <span class="muted small">${t('welcome.drag')}</span>
      </div>
    </div>
  `;
}

export const Welcome = () => html`
  <div class="view welcome">
    <div class="pitch">
      <div class="stack">
        <h1>${t('welcome.title')}</h1>
        <p class="lead">${t('welcome.text')}</p>
        <div class="row">
          <${PictureButton} kind="primary large" icon="upload">${t('welcome.start')}<//>
          <${Button} kind="large quiet" href=${address('sign-in')}>${t('welcome.have_account')}<//>
        </div>
        <p class="muted small">${t('welcome.formats')}</p>
      </div>
      <${Sample} />
    </div>
    <ul class="points">
      ${['steps', 'many', 'safe'].map(
        (name) => html`<li key=${name} class="stack"><h2>${t(`welcome.${name}.title`)}</h2><p>${t(`welcome.${name}.text`)}</p></li>`,
      )}
    </ul>
  </div>
`;
