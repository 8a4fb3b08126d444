// Upload.

import { t } from '../i18n/index.js';
import { html } from '../vendor/preact.js';

export const Upload = () => html`<div class="view"><h1>${t('nav.upload')}</h1></div>`;
