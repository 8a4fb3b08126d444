// The edit to take elsewhere: JSON, curl, Python, the command, or a URL that delivers the image.

import { BASE } from '../../api/client.js';
import { deliveryUrl } from '../../api/delivery.js';
import { Button, Segments } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { sentence } from '../../i18n/errors.js';
import { t } from '../../i18n/index.js';
import { toast } from '../../state/toasts.js';
import { html, useSignal } from '../../vendor/preact.js';
import { edit, toRequest } from './edit_state.js';
import { SNIPPETS } from './snippets.js';

const KINDS = ['json', 'curl', 'python', 'cli', 'url'];

/** @param {{imageId: string, onClose: () => void}} props */
export function CopyDialog({ imageId, onClose }) {
  const kind = useSignal('json');
  const url = useSignal('');
  const error = useSignal(/** @type {unknown} */ (null));
  const source = { imageId, pipeline: toRequest(edit.value.steps), output: edit.value.output, origin: location.origin + BASE };
  const text = kind.value === 'url' ? url.value : SNIPPETS[kind.value](source);
  const sign = async () => {
    error.value = null;
    try {
      url.value = await deliveryUrl(imageId, source.pipeline, source.output);
    } catch (failure) {
      error.value = failure;
    }
  };
  const choose = (/** @type {string} */ next) => {
    kind.value = next;
    if (next === 'url' && !url.value) void sign();
  };
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    toast(t('copied'));
  };
  return html`
    <${Dialog} wide title=${t('edit.copy_as')} onClose=${onClose}>
      <${Segments} label=${t('edit.copy_as')} value=${kind.value} onChange=${choose}
        choices=${KINDS.map((value) => ({ value, text: t(`edit.copy.${value}`) }))} />
      ${error.value && html`<p class="notice bad" role="alert">${sentence(error.value)}</p>`}
      <pre class="snippet" tabindex="0">${text}</pre>
      ${kind.value === 'cli' && html`<p class="muted small">${t('edit.copy.cli_hint')}</p>`}
      <div class="actions"><${Button} kind="primary" icon="copy" disabled=${!text} onClick=${copy}>${t('copy')}<//></div>
    <//>
  `;
}
