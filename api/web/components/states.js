// What a view shows while it loads, when it has nothing, and when something failed.

import { sentence } from '../i18n/errors.js';
import { t } from '../i18n/index.js';
import { html, useRef, useSignal } from '../vendor/preact.js';
import { Button } from './button.js';
import { Icon } from './icon.js';

export const Loading = () => html`
  <div class="empty" role="status"><div class="spinner"></div><p class="visually-hidden">${t('loading')}</p></div>
`;

/** @param {{icon: import('./icon.js').IconName, title: string, text?: string, children?: any}} props */
export const Empty = ({ icon, title, text, children }) => html`
  <div class="empty"><${Icon} name=${icon} /><h2>${title}</h2>${text && html`<p class="muted">${text}</p>`}${children}</div>
`;

/** @param {{error: unknown, onRetry?: () => void}} props */
export const Failure = ({ error, onRetry }) => html`
  <div class="notice bad" role="alert">
    <p>${sentence(error)}</p>
    ${onRetry && html`<${Button} icon="retry" onClick=${onRetry}>${t('retry')}<//>`}
  </div>
`;

const RETRIED_AFTER_SECONDS = [5, 20, 60];

/** A small image, or an icon where there is none, such as that of a damaged file. Busy servers are asked again.
 * @param {{url: string | null}} props */
export function Thumbnail({ url }) {
  const broken = useSignal('');
  const failures = useRef(0);
  const fail = () => {
    broken.value = url ?? '';
    const seconds = RETRIED_AFTER_SECONDS[failures.current++];
    if (seconds) setTimeout(() => (broken.value = ''), 1000 * seconds);
  };
  if (!url || broken.value === url) return html`<${Icon} name="image" />`;
  return html`<img src=${url} alt="" loading="lazy" decoding="async" onError=${fail} />`;
}

/** @param {{value?: number, max?: number, label: string}} props  Without a value it is under way. */
export const Progress = ({ value, max = 1, label }) => html`<progress value=${value} max=${max} aria-label=${label}></progress>`;
