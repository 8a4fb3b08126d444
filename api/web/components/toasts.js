// The messages of state/toasts.js and the polite live region: in the open dialog, or else at the end of the page.

import { t } from '../i18n/index.js';
import { announcement, closeToast, toasts } from '../state/toasts.js';
import { html } from '../vendor/preact.js';
import { Button } from './button.js';

export const Toasts = () => html`
  <p class="visually-hidden" aria-live="polite">${announcement.value}</p>
  <div class="toasts">
    ${toasts.value.map(
      ({ id, text, action }) => html`
        <div class="toast" key=${id}>
          <span>${text}</span>
          ${action && html`<${Button} kind="quiet" onClick=${() => closeToast(id, { acted: true })}>${action}<//>`}
          <${Button} kind="quiet" icon="close" label=${t('close')} onClick=${() => closeToast(id)} />
        </div>
      `,
    )}
  </div>
`;
