// What can be done with all selected pictures.

import { Button } from '../../components/button.js';
import { sentence } from '../../i18n/errors.js';
import { t } from '../../i18n/index.js';
import { downloadZip, zipping } from '../../state/downloads.js';
import { deleteLater, known } from '../../state/gallery.js';
import { toast } from '../../state/toasts.js';
import { html, useSignal } from '../../vendor/preact.js';
import { ApplyDialog } from './apply_dialog.js';

/** @param {import('../../api/tasks.js').Task[]} tasks */
export const saveZip = (tasks) =>
  downloadZip(tasks, 'darkroom.zip').catch((error) => error.name !== 'AbortError' && toast(sentence(error)));

/** An edit in `query` is offered first. @param {{kind: 'tasks' | 'images', query: URLSearchParams, onSelectAll: () => void,
 *   selected: import('../../vendor/preact.js').Signal<Set<string>>}} props */
export function SelectionBar({ kind, selected, query, onSelectAll }) {
  const isApplying = useSignal(false);
  const ids = [...selected.value];
  const succeeded = ids.flatMap((id) => known.value.get(id) ?? []).filter(({ output }) => output);
  const clear = () => (selected.value = new Set());
  if (!ids.length) return null;
  return html`
    <div class="selection" role="region" aria-label=${t('gallery.selection')}>
      <${Button} kind="quiet" icon="close" label=${t('gallery.clear_selection')} onClick=${clear} />
      <strong>${t('gallery.selected', { count: ids.length })}</strong>
      <${Button} kind="quiet" onClick=${onSelectAll}>${t('gallery.select_all')}<//>
      ${kind === 'images' && html`<${Button} kind="primary" icon="layers" onClick=${() => (isApplying.value = true)}>${t('batch.apply')}<//>`}
      ${kind === 'tasks' && html`
        <${Button} kind="primary" icon="download" disabled=${!succeeded.length || zipping.value} onClick=${() => saveZip(succeeded)}>${t('zip.download')}<//>
      `}
      <${Button} kind="danger quiet" icon="trash" onClick=${() => (deleteLater(kind, ids), clear())}>${t('delete')}<//>
    </div>
    ${isApplying.value && html`<${ApplyDialog} imageIds=${ids} query=${query} onStart=${clear} onClose=${() => (isApplying.value = false)} />`}
  `;
}
