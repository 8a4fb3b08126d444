// Buttons that add pictures to the queue, from files or from a folder.

import { service } from '../api/service.js';
import { addFiles } from '../state/uploads.js';
import { html, useRef } from '../vendor/preact.js';
import { Button } from './button.js';

/** @param {{children: any, kind?: string, icon?: import('./icon.js').IconName, folder?: boolean}} props */
export function PictureButton({ children, kind, icon, folder = false }) {
  /** @type {{current: HTMLInputElement | null}} */
  const input = useRef(null);
  const choose = () => {
    const files = [...(input.current?.files ?? [])];
    if (input.current) input.current.value = ''; // so that the same file can be chosen again
    addFiles(files, { fromFolder: folder });
  };
  return html`
    <${Button} kind=${kind} icon=${icon} onClick=${() => input.current?.click()}>${children}<//>
    <input ref=${input} type="file" hidden multiple webkitdirectory=${folder} onChange=${choose}
      accept=${folder ? undefined : service.formats.join(',')} />
  `;
}
