// The browser's own modal dialog: it keeps the focus inside, and Escape closes it.

import { t } from '../i18n/index.js';
import { openDialogs } from '../state/toasts.js';
import { html, useEffect, useId, useRef } from '../vendor/preact.js';
import { Button } from './button.js';
import { Toasts } from './toasts.js';

/** Open as long as it is drawn. @param {{title: string, children?: any, wide?: boolean, onClose: () => void}} props */
export function Dialog({ title, children, wide = false, onClose }) {
  const id = useId();
  /** @type {{current: HTMLDialogElement | null}} */
  const element = useRef(null);
  useEffect(() => {
    const opener = document.activeElement;
    element.current?.showModal();
    openDialogs.value += 1;
    return () => {
      openDialogs.value -= 1;
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  const closeOutside = (/** @type {MouseEvent} */ event) => event.target === element.current && onClose();
  return html`
    <dialog ref=${element} class="dialog ${wide ? 'wide' : ''}" aria-labelledby=${id} onClose=${onClose} onClick=${closeOutside}>
      <header>
        <h2 id=${id}>${title}</h2>
        <${Button} kind="quiet" icon="close" label=${t('close')} onClick=${onClose} />
      </header>
      <div class="body">${children}</div>
      <${Toasts} />
    </dialog>
  `;
}

/** Asks before something that cannot be undone.
 * @param {{title: string, text: string, action: string, onConfirm: () => void, onClose: () => void}} props */
export const Confirmation = ({ title, text, action, onConfirm, onClose }) => html`
  <${Dialog} title=${title} onClose=${onClose}>
    <p>${text}</p>
    <div class="actions">
      <${Button} onClick=${onClose}>${t('cancel')}<//>
      <${Button} kind="danger" onClick=${() => (onClose(), onConfirm())}>${action}<//>
    </div>
  <//>
`;
