// What views have in common: forms that are sent, and lists that are loaded.

import { messagesByPlace, sentence } from '../i18n/errors.js';
import { html, useEffect, useSignal } from '../vendor/preact.js';
import { Failure, Loading } from './states.js';

/** A form that is sent once at a time, with the server's messages at their fields.
 * @param {(fields: FormData, form: HTMLFormElement) => Promise<void>} send */
export function useForm(send) {
  const error = useSignal(/** @type {unknown} */ (null));
  const isBusy = useSignal(false);
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    isBusy.value = true;
    error.value = null;
    await send(new FormData(form), form).catch((failure) => (error.value = failure));
    isBusy.value = false;
  };
  const messages = messagesByPlace(error.value);
  const hasPlace = Object.keys(messages).length > 0;
  const problem = error.value && !hasPlace ? html`<p class="notice bad" role="alert">${sentence(error.value)}</p>` : null;
  return { submit, messages, problem, isBusy: isBusy.value };
}

/** A list that is loaded when it is shown. @template Item @param {() => Promise<Item[]>} load */
export function useList(load) {
  const items = useSignal(/** @type {Item[] | null} */ (null));
  const error = useSignal(/** @type {unknown} */ (null));
  const reload = async () => {
    error.value = null;
    try {
      items.value = await load();
    } catch (failure) {
      error.value = failure;
    }
  };
  useEffect(() => void reload(), []);
  const state = error.value ? html`<${Failure} error=${error.value} onRetry=${reload} />` : !items.value && html`<${Loading} />`;
  return { items: items.value ?? [], state, reload };
}
