// A button or a link that looks like one.

import { html } from '../vendor/preact.js';
import { Icon } from './icon.js';

/** @typedef {import('../vendor/preact.js').ComponentChildren} Children */
/** With `label` the button shows its icon alone, and the label is its name and its tooltip.
 * @param {{children?: Children, icon?: import('./icon.js').IconName, label?: string, kind?: string, href?: string,
 *   disabled?: boolean, type?: string, onClick?: (event: MouseEvent) => void, [attribute: string]: any}} props */
export function Button({ children, icon, label, kind = '', href, type = 'button', ...rest }) {
  const drawn = icon && html`<${Icon} name=${icon} />`;
  const names = `button ${kind} ${label ? 'round' : ''}`;
  const attributes = { class: names, title: label, 'aria-label': label, ...rest };
  if (href) return html`<a href=${href} ...${attributes}>${drawn}${children}</a>`;
  return html`<button type=${type} ...${attributes}>${drawn}${children}</button>`;
}

/** A choice among few values. @template {string} Value
 * @param {{label: string, value: Value, choices: {value: Value, text: string}[], onChange: (value: Value) => void}} props */
export const Segments = ({ label, value, choices, onChange }) => html`
  <div class="segments" role="group" aria-label=${label}>
    ${choices.map(
      (each) => html`
        <button key=${each.value} type="button" aria-pressed=${String(each.value === value)} onClick=${() => onChange(each.value)}>
          ${each.text}
        </button>
      `,
    )}
  </div>
`;
