// What is done to the whole edit and to how the picture is shown.

import { Button } from '../../components/button.js';
import { t } from '../../i18n/index.js';
import { html } from '../../vendor/preact.js';
import { canRedo, canUndo, redo, undo } from './edit_state.js';

/** @typedef {{isComparing: boolean, isFullSize: boolean, hasHistogram: boolean}} Look */

/** @param {{look: import('../../vendor/preact.js').Signal<Look>, onCopy: () => void, onPresets: () => void}} props */
export function Toolbar({ look, onCopy, onPresets }) {
  const toggle = (/** @type {keyof Look} */ name) => (look.value = { ...look.value, [name]: !look.value[name] });
  const isOn = (/** @type {keyof Look} */ name) => ({ kind: look.value[name] ? 'quiet on' : 'quiet', 'aria-pressed': String(look.value[name]) });
  return html`
    <div class="toolbar" role="toolbar" aria-label=${t('edit.tools')}>
      <${Button} kind="quiet" icon="undo" label=${t('edit.undo')} aria-keyshortcuts="Control+Z" disabled=${!canUndo.value} onClick=${undo} />
      <${Button} kind="quiet" icon="redo" label=${t('edit.redo')} aria-keyshortcuts="Control+Shift+Z" disabled=${!canRedo.value} onClick=${redo} />
      <span class="gap"></span>
      <${Button} icon="compare" title=${t('edit.compare')} ...${isOn('isComparing')} onClick=${() => toggle('isComparing')}><span>${t('edit.compare')}</span><//>
      <${Button} icon="zoom" title=${t('edit.full_size')} ...${isOn('isFullSize')} onClick=${() => toggle('isFullSize')}><span>${t('edit.full_size')}</span><//>
      <${Button} icon="histogram" title=${t('edit.histogram')} ...${isOn('hasHistogram')} onClick=${() => toggle('hasHistogram')}><span>${t('edit.histogram')}</span><//>
      <span class="gap"></span>
      <${Button} kind="quiet" icon="layers" title=${t('presets.title')} onClick=${onPresets}><span>${t('presets.title')}</span><//>
      <${Button} kind="quiet" icon="code" title=${t('edit.copy_as')} onClick=${onCopy}><span>${t('edit.copy_as')}</span><//>
    </div>
  `;
}

/** Undo and redo by keys, except in fields of text, which have their own. @param {KeyboardEvent} event */
export function onShortcut(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const field = /** @type {HTMLElement} */ (event.target);
  if (field.matches('textarea, input:not([type="range"], [type="checkbox"], [type="color"], [type="number"])')) return;
  const key = event.key.toLowerCase();
  if (key !== 'z' && key !== 'y') return;
  event.preventDefault();
  if (key === 'y' || event.shiftKey) redo();
  else undo();
}
