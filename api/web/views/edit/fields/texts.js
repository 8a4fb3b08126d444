// Text, and a length in pixels or per cent.

import { html } from '../../../vendor/preact.js';

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

/** @param {import('./field.js').FieldProps} props */
export function LengthField({ value, attributes, onChange }) {
  const { label, ...shared } = attributes;
  return html`<input class="input" ...${shared} value=${value ?? ''} placeholder="px, %" autocomplete="off"
    onChange=${(/** @type {Event} */ event) => onChange(toLength(textOf(event).trim()))} />`;
}

/** @param {string} text @returns {string | number | undefined} */
function toLength(text) {
  if (!text) return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}
