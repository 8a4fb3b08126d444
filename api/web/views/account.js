// Account.

import { t } from '../i18n/index.js';
import { html } from '../vendor/preact.js';

export const Account = () => html`<div class="view"><h1>${t('nav.account')}</h1></div>`;
