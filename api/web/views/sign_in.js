// Sign in, or create an account; then back to where the user wanted to go.

import { ApiError } from '../api/client.js';
import { service } from '../api/service.js';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';
import { messagesByPlace, sentence } from '../i18n/errors.js';
import { t } from '../i18n/index.js';
import { register, signIn } from '../state/session.js';
import { html, useSignal } from '../vendor/preact.js';

const SHORTEST_PASSWORD = 8;

/** @param {{route: import('../state/route.js').Route}} props */
export function SignIn({ route }) {
  const isNew = useSignal(service.registration && route.query.has('new'));
  const error = useSignal(/** @type {unknown} */ (null));
  const isBusy = useSignal(false);
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [email, password] = [String(form.get('email')).trim(), String(form.get('password'))];
    isBusy.value = true;
    try {
      await (isNew.value ? register : signIn)(email, password);
      location.replace(destination(route));
    } catch (failure) {
      error.value = failure;
    }
    isBusy.value = false;
  };
  return html`
    <div class="view narrow">
      <form class="card stack sign-in" onSubmit=${submit}>
        <h1>${t(isNew.value ? 'register.title' : 'sign_in.title')}</h1>
        <${Problem} error=${error.value} />
        <${Field} label=${t('email')} name="email" type="email" autocomplete="username" required error=${placed(error.value).email} />
        <${Field} label=${t('password')} name="password" type="password" required
          autocomplete=${isNew.value ? 'new-password' : 'current-password'}
          minlength=${isNew.value ? SHORTEST_PASSWORD : undefined}
          hint=${isNew.value ? t('register.password_hint') : undefined} error=${placed(error.value).password} />
        <${Button} kind="primary large" type="submit" disabled=${isBusy.value}>${t(isNew.value ? 'register' : 'sign_in')}<//>
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

/** @param {{error: unknown}} props */
const Problem = ({ error }) =>
  error && !Object.keys(placed(error)).length && html`<p class="notice bad" role="alert">${sentence(error)}</p>`;

/** @param {unknown} error */
const placed = (error) => (error instanceof ApiError ? messagesByPlace(error) : {});

/** Only fragments of this page. @param {import('../state/route.js').Route} route */
function destination(route) {
  const next = route.query.get('next') ?? '';
  return next.startsWith('#/') ? next : '#/';
}
