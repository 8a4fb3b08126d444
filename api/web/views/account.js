// The account: sessions, API keys, password, erasure.

import * as accounts from '../api/accounts.js';
import { BASE } from '../api/client.js';
import { Button } from '../components/button.js';
import { Confirmation, Dialog } from '../components/dialog.js';
import { Field } from '../components/field.js';
import { useForm, useList } from '../components/hooks.js';
import { sentence } from '../i18n/errors.js';
import { formatRelative, formatTime, t } from '../i18n/index.js';
import { navigate } from '../state/route.js';
import { end, signIn, user } from '../state/session.js';
import { toast } from '../state/toasts.js';
import { html, useSignal } from '../vendor/preact.js';

const SCOPES = ['read', 'write', 'deliver'];

export const Account = () => html`
  <div class="view narrow account">
    <header class="row apart">
      <div><h1>${t('account.title')}</h1><p class="muted">${user.value?.email}</p></div>
      <${Button} onClick=${() => leave(accounts.signOut)}>${t('sign_out')}<//>
    </header>
    <${Sessions} />
    <${Keys} />
    <${Password} />
    <${Erasure} />
  </div>
`;

/** @param {() => Promise<unknown>} request */
async function leave(request) {
  try {
    await end(request);
    navigate('');
  } catch (error) {
    toast(sentence(error));
  }
}

/** @param {() => Promise<unknown>} request @param {() => void} done */
const attempt = (request, done) => request().then(done, (error) => toast(sentence(error)));

function Sessions() {
  const { items, state, reload } = useList(accounts.listSessions);
  return html`
    <section class="card stack">
      <div class="row apart">
        <h2>${t('sessions.title')}</h2>
        <${Button} onClick=${() => leave(accounts.signOutEverywhere)}>${t('sessions.end_all')}<//>
      </div>
      ${state}
      <ul class="lines">
        ${items.map(
          (each) => html`
            <li key=${each.session_id}>
              <div>
                <p>${browserOf(each.label)} ${each.current && html`<span class="badge good">${t('sessions.current')}</span>`}</p>
                <p class="muted small" title=${formatTime(each.last_used_at)}>${t('sessions.used', { when: formatRelative(each.last_used_at) })}</p>
              </div>
              ${!each.current && html`<${Button} kind="quiet" onClick=${() => attempt(() => accounts.endSession(each.session_id), reload)}>${t('sessions.end')}<//>`}
            </li>
          `,
        )}
      </ul>
    </section>
  `;
}

/** "Firefox, Linux" from a User-Agent; programs call themselves as they like. @param {string} label */
function browserOf(label) {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(label)?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS|Linux)/.exec(label)?.[1];
  if (!browser) return label.split('/')[0].slice(0, 60) || t('sessions.unknown');
  return [{ Edg: 'Edge', OPR: 'Opera' }[browser] ?? browser, system].filter(Boolean).join(', ');
}

function Keys() {
  const { items, state, reload } = useList(accounts.listKeys);
  const isMaking = useSignal(false);
  const leaving = useSignal(/** @type {import('../api/accounts.js').ApiKey | null} */ (null));
  const revoke = (/** @type {string} */ id) => attempt(() => accounts.revokeKey(id), reload);
  return html`
    <section class="card stack">
      <div class="row apart">
        <h2>${t('keys.title')}</h2>
        <${Button} icon="plus" onClick=${() => (isMaking.value = true)}>${t('keys.new')}<//>
      </div>
      <p class="muted small">${t('keys.text')} <a href=${`${BASE}/docs`}>${t('keys.reference')}</a></p>
      ${state}
      <ul class="lines">
        ${items.map(
          (each) => html`
            <li key=${each.key_id}>
              <div>
                <p>${each.name} <code class="muted">${each.prefix}…</code></p>
                <p class="muted small">
                  ${each.scopes.map((scope) => t(`scope.${scope}`)).join(', ')} ·
                  ${each.last_used_at ? t('keys.used', { when: formatRelative(each.last_used_at) }) : t('keys.unused')}
                </p>
              </div>
              <${Button} kind="quiet danger" onClick=${() => (leaving.value = each)}>${t('keys.revoke')}<//>
            </li>
          `,
        )}
      </ul>
      ${isMaking.value && html`<${NewKey} onClose=${() => ((isMaking.value = false), reload())} />`}
      ${leaving.value && html`
        <${Confirmation} title=${t('keys.revoke_title', { name: leaving.value.name })} text=${t('keys.revoke_text')} action=${t('keys.revoke')}
          onConfirm=${revoke.bind(null, leaving.value.key_id)} onClose=${() => (leaving.value = null)} />
      `}
    </section>
  `;
}

/** @param {{onClose: () => void}} props */
function NewKey({ onClose }) {
  const made = useSignal('');
  const form = useForm(async (fields) => {
    const scopes = SCOPES.filter((scope) => fields.has(scope));
    made.value = (await accounts.createKey(String(fields.get('name')), scopes)).key ?? '';
  });
  const copy = () => navigator.clipboard.writeText(made.value).then(() => toast(t('copied')));
  if (made.value) {
    return html`
      <${Dialog} title=${t('keys.made')} onClose=${onClose}>
        <p>${t('keys.made_text')}</p>
        <p class="row"><code class="secret">${made.value}</code><${Button} icon="copy" onClick=${copy}>${t('copy')}<//></p>
      <//>
    `;
  }
  return html`
    <${Dialog} title=${t('keys.new')} onClose=${onClose}>
      <form class="stack" onSubmit=${form.submit}>
        ${form.problem}
        <${Field} label=${t('keys.name')} name="name" required maxlength="100" placeholder=${t('keys.example')} error=${form.messages.name} />
        <fieldset class="stack">
          <legend>${t('keys.scopes')}</legend>
          ${SCOPES.map((scope) => html`<label class="row" key=${scope}><input type="checkbox" name=${scope} checked=${scope === 'read'} />${t(`scope.${scope}`)}</label>`)}
        </fieldset>
        <div class="actions"><${Button} kind="primary" type="submit" disabled=${form.isBusy}>${t('keys.create')}<//></div>
      </form>
    <//>
  `;
}

function Password() {
  const form = useForm(async (fields, element) => {
    const email = user.value?.email ?? '';
    const chosen = String(fields.get('new_password'));
    await accounts.changePassword(String(fields.get('password')), chosen);
    await signIn(email, chosen); // a new password ends every session, this one too
    element.reset();
    toast(t('password.changed'));
  });
  return html`
    <section class="card stack">
      <h2>${t('password.title')}</h2>
      <p class="muted small">${t('password.text')}</p>
      <form class="stack" onSubmit=${form.submit}>
        ${form.problem}
        <input type="text" name="username" autocomplete="username" value=${user.value?.email} readonly hidden />
        <${Field} label=${t('password.current')} name="password" type="password" autocomplete="current-password" required error=${form.messages.password} />
        <${Field} label=${t('password.new')} name="new_password" type="password" autocomplete="new-password" required minlength="8"
          hint=${t('register.password_hint')} error=${form.messages.new_password} />
        <div class="row"><${Button} type="submit" disabled=${form.isBusy}>${t('password.change')}<//></div>
      </form>
    </section>
  `;
}

function Erasure() {
  const isAsking = useSignal(false);
  const form = useForm(async (fields) => {
    await end(() => accounts.erase(String(fields.get('password'))));
    navigate('');
  });
  return html`
    <section class="card stack">
      <h2>${t('erase.title')}</h2>
      <p class="muted small">${t('erase.text')}</p>
      <div class="row"><${Button} kind="danger" icon="trash" onClick=${() => (isAsking.value = true)}>${t('erase.action')}<//></div>
      ${isAsking.value && html`
        <${Dialog} title=${t('erase.title')} onClose=${() => (isAsking.value = false)}>
          <form class="stack" onSubmit=${form.submit}>
            ${form.problem}
            <p>${t('erase.confirm')}</p>
            <${Field} label=${t('password.current')} name="password" type="password" autocomplete="current-password" required error=${form.messages.password} />
            <div class="actions"><${Button} kind="danger" type="submit" disabled=${form.isBusy}>${t('erase.action')}<//></div>
          </form>
        <//>
      `}
    </section>
  `;
}
