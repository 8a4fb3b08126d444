// Sign in, or create an account; then back to where the user wanted to go.

import { service } from '../api/service.js';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';
import { useForm } from '../components/hooks.js';
import { t } from '../i18n/index.js';
import { register, signIn } from '../state/session.js';
import { mine } from '../state/uploads.js';
import { html, useSignal } from '../vendor/preact.js';

const SHORTEST_PASSWORD = 8;

/** @param {{route: import('../state/route.js').Route}} props */
export function SignIn({ route }) {
  const isNew = useSignal(service.registration && route.query.has('new'));
  const form = useForm(async (fields) => {
    await (isNew.value ? register : signIn)(String(fields.get('email')).trim(), String(fields.get('password')));
    location.replace(destination(route));
  });
  return html`
    <div class="view narrow">
      <form class="card stack sign-in" onSubmit=${form.submit}>
        <h1>${t(isNew.value ? 'register.title' : 'sign_in.title')}</h1>
        ${mine.value.length > 0 && html`<p class="notice">${t('sign_in.waiting', { count: mine.value.length })}</p>`}
        ${form.problem}
        <${Field} label=${t('email')} name="email" type="email" autocomplete="username" required error=${form.messages.email} />
        <${Field} label=${t('password')} name="password" type="password" required
          autocomplete=${isNew.value ? 'new-password' : 'current-password'}
          minlength=${isNew.value ? SHORTEST_PASSWORD : undefined}
          hint=${isNew.value ? t('register.password_hint') : undefined} error=${form.messages.password} />
        <${Button} kind="primary large" type="submit" disabled=${form.isBusy}>${t(isNew.value ? 'register' : 'sign_in')}<//>
        <${Other} isNew=${isNew} />
      </form>
    </div>
  `;
}

/** @param {{isNew: import('../vendor/preact.js').Signal<boolean>}} props */
function Other({ isNew }) {
  if (!service.registration) return html`<p class="muted small">${t('register.closed')}</p>`;
  const change = () => (isNew.value = !isNew.value);
  return html`<${Button} kind="quiet" onClick=${change}>${t(isNew.value ? 'sign_in.instead' : 'register.instead')}<//>`;
}

/** Only fragments of this page. @param {import('../state/route.js').Route} route */
function destination(route) {
  const next = route.query.get('next') ?? '';
  return next.startsWith('#/') ? next : '#/';
}
