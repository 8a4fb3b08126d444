// Gallery.

import { t } from '../i18n/index.js';
import { html } from '../vendor/preact.js';

export const Gallery = () => html`<div class="view"><h1>${t('nav.gallery')}</h1></div>`;
