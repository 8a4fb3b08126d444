// The frame: header, navigation, state of the connection, messages.

import { LANGUAGES, chooseLanguage, language, t } from '../i18n/index.js';
import { connection, probe } from '../state/connection.js';
import { address, route } from '../state/route.js';
import { hasExpired, user } from '../state/session.js';
import { THEMES, theme } from '../state/theme.js';
import { openDialogs } from '../state/toasts.js';
import { html } from '../vendor/preact.js';
import { Button } from './button.js';
import { DropTarget } from './drop_target.js';
import { Icon } from './icon.js';
import { Toasts } from './toasts.js';

/** @type {{view: string, icon: import('./icon.js').IconName}[]} */
const LINKS = [
  { view: 'upload', icon: 'upload' },
  { view: 'gallery', icon: 'gallery' },
  { view: 'account', icon: 'user' },
];
const ICON = new URL('../pictures/icon.svg', import.meta.url).pathname;

const Navigation = () => html`
  <nav aria-label=${t('nav.label')}>
    ${LINKS.map(
      ({ view, icon }) => html`
        <a key=${view} href=${address(view)} aria-current=${route.value.view === view ? 'page' : undefined}>
          <${Icon} name=${icon} /><span>${t(`nav.${view}`)}</span>
        </a>
      `,
    )}
  </nav>
`;

function Switches() {
  const otherLanguage = LANGUAGES[(LANGUAGES.indexOf(language.value) + 1) % LANGUAGES.length];
  const nextTheme = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length];
  const label = t('theme.label', { theme: t(`theme.${theme.value}`) });
  return html`
    <${Button} kind="quiet" lang=${otherLanguage} title=${t(`language.${otherLanguage}`)} onClick=${() => chooseLanguage(otherLanguage)}>
      ${otherLanguage.toUpperCase()}
    <//>
    <${Button} kind="quiet" icon="sun" label=${label} onClick=${() => (theme.value = nextTheme)} />
  `;
}

/** Signing in leads back to where one is. */
const signInAddress = () => address('sign-in', '', ['', 'sign-in'].includes(route.value.view) ? {} : { next: location.hash });

function Banner() {
  if (connection.value !== 'online') {
    return html`
      <div class="notice bad" role="status">
        <p>${t(`connection.${connection.value}`)}</p>
        <${Button} icon="retry" onClick=${probe}>${t('retry')}<//>
      </div>
    `;
  }
  if (!hasExpired.value) return null;
  return html`<div class="notice" role="status"><p>${t('session.expired')}</p><${Button} href=${signInAddress()}>${t('sign_in')}<//></div>`;
}

/** @param {{children: any}} props */
export const Shell = ({ children }) => html`
  <a class="button skip" href="#main" onClick=${skip}>${t('nav.skip')}</a>
  <header class="bar ${user.value ? 'signed-in' : ''}">
    <a class="brand" href="#/"><img src=${ICON} alt="" />Darkroom</a>
    ${user.value && html`<${Navigation} />`}
    <${Switches} />
    ${user.value === null && html`<${Button} href=${signInAddress()}>${t('sign_in')}<//>`}
  </header>
  <main id="main" tabindex="-1"><${Banner} />${children}</main>
  ${!openDialogs.value && html`<${Toasts} />`}
  <${DropTarget} />
`;

/** The fragment of the address belongs to the router. @param {MouseEvent} event */
function skip(event) {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
