// Text, and a length in pixels or per cent.

import { html, useSignal } from '../../../vendor/preact.js';

const LONG = 100;

/** @param {any} event */
const textOf = (event) => /** @type {string} */ (event.target.value);

/** @param {import('./field.js').FieldProps} props */
export function TextField({ parameter, value, attributes, onChange }) {
  const { label, ...shared } = attributes;
  const change = (/** @type {Event} */ event) => onChange(textOf(event) || (parameter.isNullable ? undefined : ''));
  const isLong = parameter.schema.maxLength > LONG;
  if (isLong) return html`<textarea class="input" rows="2" ...${shared} value=${value ?? ''} onInput=${change}></textarea>`;
  return html`<input class="input" ...${shared} value=${value ?? ''} onInput=${change} />`;
}

/** Attributes of a field that reports when its text is complete; what is typed meanwhile stays when the page is drawn.
 * @param {any} value */
export function useDraft(value) {
  const draft = useSignal(/** @type {string | null} */ (null));
  return (/** @type {(event: any) => void} */ onChange) => ({
    value: draft.value ?? value ?? '',
    onInput: (/** @type {Event} */ event) => (draft.value = textOf(event)),
    onChange: (/** @type {Event} */ event) => (onChange(event), (draft.value = null)),
  });
}

/** @param {import('./field.js').FieldProps} props */
export function LengthField({ value, attributes, onChange }) {
  const { label, ...shared } = attributes;
  const draft = useDraft(value)((event) => onChange(toLength(textOf(event).trim())));
  return html`<input class="input" ...${shared} ...${draft} placeholder="px, %" autocomplete="off" />`;
}

/** @param {string} text @returns {string | number | undefined} */
function toLength(text) {
  if (!text) return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}
