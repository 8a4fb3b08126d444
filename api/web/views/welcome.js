// The first visit: what Darkroom does, before any account.

import { Button } from '../components/button.js';
import { t } from '../i18n/index.js';
import { address } from '../state/route.js';
import { html } from '../vendor/preact.js';

export const Welcome = () => html`
  <div class="view welcome">
    <header><h1>${t('welcome.title')}</h1><p class="muted">${t('welcome.text')}</p></header>
    <div class="row"><${Button} kind="primary large" href=${address('sign-in', '', { new: '1' })}>${t('welcome.start')}<//></div>
  </div>
`;
