// A labelled control with its hint and its error.

import { html, useId } from '../vendor/preact.js';

/** A text field, or any control as `control`, which gets the ids of its label and texts.
 * @param {{label: string, hint?: string, error?: string, control?: (attributes: Record<string, any>) => any,
 *   [attribute: string]: any}} props */
export function Field({ label, hint, error, control, ...rest }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const attributes = { id, 'aria-describedby': described, 'aria-invalid': error ? 'true' : undefined, ...rest };
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${control ? control(attributes) : html`<input class="input" ...${attributes} />`}
      ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
      ${error && html`<p class="error" id="${id}-error">${error}</p>`}
    </div>
  `;
}
