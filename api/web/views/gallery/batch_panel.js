// How far the same edit on many pictures is, and what to do at its end.

import { Button } from '../../components/button.js';
import { Progress } from '../../components/states.js';
import { sentence, problemSentence } from '../../i18n/errors.js';
import { t } from '../../i18n/index.js';
import { batch, progress } from '../../state/batch.js';
import { zipping } from '../../state/downloads.js';
import { announce } from '../../state/toasts.js';
import { html, useEffect } from '../../vendor/preact.js';
import { saveZip } from './selection_bar.js';

/** @param {{onSelect: (imageIds: string[]) => void}} props */
export function BatchPanel({ onSelect }) {
  const { total, succeeded, failed, isOver } = progress.value;
  const text = t('batch.progress', { done: succeeded.length, total });
  useEffect(() => void (total && isOver && announce(text)), [isOver]);
  if (zipping.value) return html`<${Zipping} />`;
  if (!batch.value) return null;
  const close = () => (batch.value = null);
  return html`
    <section class="card stack" aria-label=${t('batch.panel')}>
      <div class="row apart">
        <p><strong>${text}</strong>${failed.length > 0 && html` <span class="badge bad">${t('batch.failed', { count: failed.length })}</span>`}</p>
        <div class="row">
          ${isOver && failed.length > 0 && html`<${Button} icon="retry" onClick=${() => onSelect(failed.map(({ imageId }) => imageId))}>${t('batch.select_failed')}<//>`}
          ${isOver && succeeded.length > 0 && html`<${Button} kind="primary" icon="download" onClick=${() => saveZip(succeeded)}>${t('zip.download_all')}<//>`}
          ${isOver && html`<${Button} kind="quiet" icon="close" label=${t('close')} onClick=${close} />`}
        </div>
      </div>
      ${!isOver && html`<${Progress} value=${succeeded.length + failed.length} max=${total} label=${text} />`}
      ${failed.length > 0 && html`<p class="small muted">${reason(failed[0])}</p>`}
    </section>
  `;
}

/** @param {{error?: unknown, task?: import('../../api/tasks.js').Task}} entry */
const reason = ({ error, task }) => (error ? sentence(error) : problemSentence(task?.error?.code ?? 'internal_error', task?.error ?? {}));

function Zipping() {
  const { done, total, cancel } = zipping.value ?? { done: 0, total: 1, cancel() {} };
  const text = t('zip.progress', { done, total });
  return html`
    <section class="card stack" aria-label=${t('zip.download')}>
      <div class="row apart"><strong>${text}</strong><${Button} onClick=${cancel}>${t('cancel')}<//></div>
      <${Progress} value=${done} max=${total} label=${text} />
    </section>
  `;
}
